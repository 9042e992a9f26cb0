"""Plots of a run: horizontal bars, as SVG."""

from html import escape

from .report import number
from .targets import NAMES, middle

COLOURS = {
    "sqlite": "#1b6ca8",
    "postgres": "#63a4d0",
    "usual": "#b0b0b0",
    "constant": "#dcdcdc",
    "raw_writer": "#dcdcdc",
    "pgbench": "#dcdcdc",
}
WIDTH, LEFT, BARS, HEIGHT, STEP = 860, 190, 430, 14, 18
OVERVIEW = ("one-book", "page", "page-4000", "word-some", "create", "mix")


def text(x, y, content, size=12, weight="normal", anchor="start"):
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}">'
        f"{escape(content)}</text>"
    )


def svg(parts, height):
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" fill="#222">'
    )
    return "\n".join(
        [head, f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', *parts, "</svg>\n"]
    )


def bars(title, note, groups):
    """Groups of bars: (name, [(colour, label, value, text of the value)]). Each group has its own
    scale, because rates of different requests differ by orders of magnitude."""
    parts = [text(16, 28, title, 16, "bold"), text(16, 48, note)]
    y = 78
    for name, group in groups:
        parts.append(text(16, y, name, 13, "bold"))
        y += 8
        longest = max(value for _, _, value, _ in group) or 1
        for colour, label, value, shown in group:
            length = max(1, round(BARS * value / longest))
            parts.append(text(LEFT - 8, y + 11, label, anchor="end"))
            parts.append(
                f'<rect x="{LEFT}" y="{y}" width="{length}" height="{HEIGHT}" fill="{colour}"/>'
            )
            parts.append(text(LEFT + length + 6, y + 11, shown))
            y += STEP
        y += 20
    return svg(parts, y)


def rates(size, shapes):
    """Requests per second of some shapes."""
    groups = []
    for shape in shapes:
        group = []
        for server, measured in size["shapes"].get(shape, {}).items():
            value = middle(measured, "rate")
            if value is not None:
                low, high = (
                    pick(entry["rate"] for entry in measured["rounds"]) for pick in (min, max)
                )
                shown = f"{number(value)}/s" + (
                    f" ({number(low)}–{number(high)})" if high > low else ""
                )
                group.append((COLOURS[server], NAMES[server], value, shown))
        if group:
            groups.append((size["titles"][shape], group))
    title = f"Requests per second, {size['books']:,} books, 64 clients"
    return bars(title, "Median and spread of the rounds. Each group has its own scale.", groups)


def growth(sizes, server):
    """How long one client waits for lists and searches, by the size of the catalogue."""
    shades = ["#bcd9ee", "#63a4d0", "#1b6ca8", "#0d3c61"]
    groups = []
    for shape in sizes[-1]["shapes"]:
        group = []
        for place, size in enumerate(sizes):
            measured = size["shapes"].get(shape, {}).get(server)
            p99 = middle(measured, "p99", "single")
            if p99 is not None and shape != "one-book":
                p50 = middle(measured, "p50", "single")
                shown = f"{number(p99)} ms (half of them {number(p50)} ms)"
                group.append((shades[place % len(shades)], f"{size['books']:,} books", p99, shown))
        if group:
            groups.append((sizes[-1]["titles"][shape], group))
    title = f"{NAMES[server]}: time of one client, 99th percentile"
    return bars(title, "Median of the rounds. Each group has its own scale.", groups)


def write(results, folder):
    for size in results["sizes"]:
        books = size["books"]
        if overview := [shape for shape in OVERVIEW if shape in size["shapes"]]:
            (folder / f"overview-{books}.svg").write_text(rates(size, overview), encoding="utf-8")
        if size["shapes"]:
            (folder / f"rates-{books}.svg").write_text(
                rates(size, size["shapes"]), encoding="utf-8"
            )
    complete = [size for size in results["sizes"] if size["shapes"]]
    if len(complete) > 1:
        for server in ("sqlite", "postgres"):
            (folder / f"growth-{server}.svg").write_text(growth(complete, server), encoding="utf-8")
