"""The targets, and whether a run meets them."""

from dataclasses import dataclass
from statistics import median

MILLION = 1_000_000
BASE = 10_000
NAMES = {
    "sqlite": "Bookshelf, SQLite",
    "postgres": "Bookshelf, PostgreSQL",
    "usual": "usual service",
    "constant": "constant answer",
    "raw_writer": "raw writer",
    "pgbench": "pgbench",
}


@dataclass
class Verdict:
    """A target, what was measured of it, and whether the target is met."""

    target: str
    value: float
    met: bool

    def __str__(self):
        digits = 0 if self.value >= 100 else 1 if self.value >= 10 else 2
        return f"{self.value:,.{digits}f} ({self.target}): {'met' if self.met else 'not met'}"


def at_least(value, least, text):
    return Verdict(f"≥ {least:,g}{text}", value, value >= least)


def below(value, most, text):
    return Verdict(f"< {most:g}{text}", value, value < most)


def within(value, most, text):
    return Verdict(f"≤ {most:g}{text}", value, value <= most)


# The rate of (shape, server) is at least so many times that of (shape, server).
RATIOS = [
    ("one-book", "sqlite", 0.70, "one-book", "constant"),
    ("one-book", "postgres", 0.70, "one-book", "pgbench"),
    ("page", "sqlite", 0.95, "page-uncounted", "sqlite"),
    ("page", "postgres", 0.90, "page-uncounted", "postgres"),
    ("page-uncounted", "sqlite", 1.5, "page", "usual"),
    ("page-uncounted", "postgres", 0.8, "page", "usual"),
    ("page-4000", "sqlite", 5, "page-4000", "usual"),
    ("page-4000", "postgres", 2, "page-4000", "usual"),
    ("word-some", "sqlite", 12, "word-some", "usual"),
    ("word-some", "postgres", 8, "word-some", "usual"),
    ("create", "sqlite", 0.8, "create", "raw_writer"),
    ("create", "postgres", 0.6, "create", "pgbench"),
    ("mix", "sqlite", 6, "mix", "usual"),
    ("mix", "postgres", 2, "mix", "usual"),
]
# The 99th percentile with 64 clients, in milliseconds.
P99 = {("create", "sqlite"): 40, ("mix", "sqlite"): 20}
# That of one client, for lists and searches among a million books.
SINGLE_P99 = {"sqlite": 20, "postgres": 40}
STARTS = {"sqlite": 40, "postgres": 60}
IMPORTS = {"sqlite": 25_000, "postgres": 15_000}


def middle(measured, value, kind="rounds"):
    """The median of a value over the rounds. None if it was not measured."""
    values = [entry[value] for entry in (measured or {}).get(kind, []) if value in entry]
    return median(values) if values and "void" not in measured else None


def rate(size, shape, server):
    return middle(size["shapes"].get(shape, {}).get(server), "rate")


def of_shape(size, sizes, shape, server):
    """The verdicts on a row of the table of shapes."""
    measured = size["shapes"][shape][server]
    own = middle(measured, "rate")
    if own is None:
        return []
    verdicts = []
    for ratio_shape, ratio_server, least, other_shape, other_server in RATIOS:
        other = rate(size, other_shape, other_server)
        if (shape, server) == (ratio_shape, ratio_server) and other:
            name = "the same without total" if other_server == server else NAMES[other_server]
            if shape != other_shape and other_server != server:
                name += ", page with total"
            verdicts.append(at_least(own / other, least, f" × {name}"))
    if (shape, server) in P99:
        verdicts.append(below(middle(measured, "p99"), P99[shape, server], " ms p99"))
    first = rate(size, "page-uncounted", server)
    if shape == "cursor" and first:
        verdicts.append(within(first / own, 1.2, " × slower than the first page"))
    single = middle(measured, "p99", "single")
    is_list = single is not None and shape != "one-book" and server in SINGLE_P99
    if is_list and size["books"] == MILLION:
        verdicts.append(below(single, SINGLE_P99[server], " ms p99 of one client"))
        base = next((size for size in sizes if size["books"] == BASE), None)
        other = base and rate(base, shape, server)
        if other:
            verdicts.append(within(other / own, 2, " × slower than with 10,000 books"))
    return verdicts


def of_start(size, server, median_ms):
    return [below(median_ms, STARTS[server], " ms")] if size["books"] == 100_000 else []


def of_import(size, server, measured):
    if size["books"] != MILLION:
        return []
    return [
        at_least(measured["rate"], IMPORTS[server], " rows/s"),
        below(measured["memory"] / 1e6, 100, " MB"),
    ]


def of_memory(kind, megabytes):
    most = {"idle": 16, "load": 64}.get(kind)
    return [below(megabytes, most, " MB")] if most else []


def of_logins(quiet, during):
    return [within(during / quiet, 1.5, " × the quiet p99")]
