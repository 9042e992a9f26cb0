"""The tables of a run, in Markdown."""

from statistics import median

from . import targets
from .targets import NAMES, middle

SHAPE_HEAD = [
    "requests",
    "server",
    "per second",
    "p99 (ms)",
    "one client: p50, p99 (ms)",
    "targets",
]
WHOLE_HEAD = ["what", "server", "measured", "targets"]


def number(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(values, unit=""):
    text = f"{number(median(values))}{unit}"
    return f"{text} ({number(min(values))}–{number(max(values))})" if len(values) > 1 else text


def table(head, rows):
    """A table of Markdown whose columns are aligned, so that it can be read as text too."""
    lines = [head, *rows]
    widths = [max(len(row[column]) for row in lines) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in lines
    )


def verdict_text(verdicts):
    return "; ".join(map(str, verdicts))


def shape_rows(size, sizes):
    for shape, servers in size["shapes"].items():
        title = size["titles"][shape]
        for server, measured in servers.items():
            if "void" in measured:
                yield [title, NAMES[server], f"void: {measured['void']}", "", "", ""]
                continue
            single = [middle(measured, name, "single") for name in ("p50", "p99")]
            yield [
                title,
                NAMES[server],
                spread([entry["rate"] for entry in measured["rounds"]]),
                number(middle(measured, "p99")),
                ", ".join(map(number, single)) if None not in single else "–",
                verdict_text(targets.of_shape(size, sizes, shape, server)),
            ]
            title = ""


def megabytes(size):
    return size / 1e6


def whole_rows(size):
    for server, measured in size.get("import", {}).items():
        text = (
            f"{number(measured['rate'])} rows/s, {number(megabytes(measured['memory']))} MB at most"
        )
        yield [
            "import",
            NAMES[server],
            text,
            verdict_text(targets.of_import(size, server, measured)),
        ]
    for server, times in size.get("start", {}).items():
        verdicts = targets.of_start(size, server, median(times))
        yield [
            "start to the first answer",
            NAMES[server],
            spread(times, " ms"),
            verdict_text(verdicts),
        ]
    for server, memory in size.get("resident", {}).items():
        for kind, title in (("idle", "memory, idle"), ("load", "memory, most with 64 clients")):
            if kind in memory:
                value = megabytes(memory[kind])
                verdicts = targets.of_memory(kind, value)
                yield [title, NAMES[server], f"{number(value)} MB", verdict_text(verdicts)]
    steps = [
        ("memory", "memory, after each of six runs of the mix", memory_row),
        ("logins", "one book, while 8 clients log in", logins_row),
        ("import-reads", "one book, during an import", import_reads_row),
    ]
    for key, title, row in steps:
        for server, measured in size.get(key, {}).items():
            if "void" in measured:
                yield [title, NAMES[server], f"void: {measured['void']}", ""]
            else:
                text, verdicts = row(measured)
                yield [title, NAMES[server], text, verdict_text(verdicts)]


def memory_row(measured):
    return ", ".join(number(megabytes(value)) for value in measured["after"]) + " MB", []


def p99s(measured):
    """The 99th percentiles as a text, and their medians."""
    quiet, during = ([entry["p99"] for entry in measured[kind]] for kind in ("quiet", "during"))
    return f"p99 {spread(during)} ms, quiet {spread(quiet)} ms", median(quiet), median(during)


def logins_row(measured):
    text, quiet, during = p99s(measured)
    text += f"; {measured['logins_per_second']:.1f} logins/s"
    return text, targets.of_logins(quiet, during)


def import_reads_row(measured):
    text, *_ = p99s(measured)
    return text + f"; {number(median(measured['rows_per_second']))} rows/s", []


def about(facts):
    return "\n".join(f"- {name}: {value}" for name, value in facts.items())


def markdown(results):
    parts = ["# Results of `make bench`", about(results["about"])]
    for size in results["sizes"]:
        parts.append(f"## {size['books']:,} books")
        if size["shapes"]:
            parts.append(table(SHAPE_HEAD, list(shape_rows(size, results["sizes"]))))
        if rows := list(whole_rows(size)):
            parts.append(table(WHOLE_HEAD, rows))
    return "\n\n".join(parts) + "\n"
