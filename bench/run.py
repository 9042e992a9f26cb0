#!/usr/bin/env python3
"""Measures Bookshelf beside what it can be compared with, and prints one table.

It builds everything, starts every server that it needs on the loopback interface, and ends them
again. docs/performance.md says what is measured and how to read the table.
"""

import argparse
import json
import os
import platform
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from harness import catalogue, load, plots, report, whole
from harness.postgres import Postgres
from harness.processes import (
    REPOSITORY,
    Failed,
    cargo_build,
    run,
    scratch_folder,
    target_folder,
)
from harness.rounds import Run, say
from harness.servers import Bookshelf, BookshelfOnPostgres, Constant, Usual
from harness.shapes import shapes

BOOKSHELVES = ("sqlite", "postgres")
WHOLE = {
    "memory": whole.memory_after_requests,
    "logins": whole.reads_during_logins,
    "import-reads": whole.reads_during_import,
}


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--books", default="100000", help="sizes of the catalogue, such as 10000,100000,1000000"
    )
    parser.add_argument(
        "--only", default="", help="shapes to measure, such as one-book,page (default: all)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each shape (default: 3)")
    parser.add_argument(
        "--seconds", type=int, default=5, help="seconds of each measurement (default: 5)"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("/var/tmp"),
        help="where the databases are made and removed: a real disk (default: /var/tmp)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=target_folder() / "bench-results",
        help="folder for the results (default: bench-results in the target folder)",
    )
    parser.add_argument(
        "--table",
        type=Path,
        metavar="RESULTS",
        help="measure nothing; make the table of results.json",
    )
    parser.add_argument(
        "--no-build", action="store_true", help="use the programs that are built already"
    )
    return parser.parse_args()


def filesystem(folder):
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    above = [mount for mount in mounts if Path(mount[1]) in (folder, *folder.parents)]
    return max(above, key=lambda mount: len(mount[1]))[2]


def facts(folder, postgres):
    cpu = [
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1e6
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    kind = filesystem(folder)
    if kind == "tmpfs":
        raise Failed(f"{folder} is in memory, so nothing there is durable; choose another --folder")
    commit = run(["git", "describe", "--always", "--dirty"], cwd=REPOSITORY).strip()
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": commit,
        "machine": f"{len(cpu)} × {cpu[0] if cpu else platform.machine()}, {memory:.0f} GB, {kind}",
        "system": f"{system}, Linux {platform.release()}, {postgres}",
        "durability": "SQLite: WAL, synchronous=FULL; "
        "PostgreSQL: fsync, synchronous_commit and full_page_writes on",
    }


def wanted(only, key):
    return not only or key in only


def measure_catalogue(books, options, only, results, save):
    """Measures everything with one size of the catalogue."""
    size = {"books": books, "titles": {}, "shapes": {}}
    results["sizes"].append(size)
    programs = target_folder() / "release"
    with ExitStack() as stack:
        folder = scratch_folder(stack, options.folder)
        files = [folder / name for name in ("books.csv", "shelf.csv", "rated-shelf.csv")]
        catalogue.write(files[0], books)
        catalogue.write_shelf(files[1], files[0], rated=False)
        catalogue.write_shelf(files[2], files[0], rated=True)

        work = Run(folder, programs, books, options.seconds, options.rounds)
        work.postgres = Postgres(folder)
        stack.callback(work.postgres.stop)
        if "date" not in results["about"]:
            results["about"] |= facts(folder, work.postgres.version)
        servers = [
            Constant(folder / "constant", programs),
            Usual(folder / "usual", programs, files[0]),
            Bookshelf(folder / "sqlite", programs / "bookshelf"),
            BookshelfOnPostgres(
                folder / "bookshelf-postgres", programs / "bookshelf", work.postgres
            ),
        ]
        work.servers = {server.name: server for server in servers}
        for server in servers:
            stack.callback(server.stop)
        all_shapes = shapes(files[0], books)
        known = {shape.key for shape in all_shapes} | {"page-4000", *WHOLE}
        if unknown := only - known:
            raise Failed(f"there is no {', '.join(unknown)}; there are {', '.join(sorted(known))}")
        prepare(work, size, files)
        save()
        measure_shapes(work, all_shapes, only, size, save)
        measure_whole(work, all_shapes, only, size, save)


def prepare(work, size, files):
    """Fills the databases and starts the servers. The import, the start and the idle memory are
    measured on the way."""
    work.servers["usual"].fill()
    for name in BOOKSHELVES:
        server = work.servers[name]
        seconds, memory = server.fill(*files)
        rate = work.books / seconds
        size.setdefault("import", {})[name] = {"seconds": seconds, "rate": rate, "memory": memory}
        say(f"{name}: imported {rate:,.0f} rows/s with {memory / 1e6:.0f} MB")
        server.settle()
        work.ceilings[name] = server.prepare_ceiling()
        size.setdefault("start", {})[name] = whole.start(server)
        size.setdefault("resident", {})[name] = {"idle": whole.idle_memory(server)}
        server.log_in()
    for name in ("constant", "usual"):
        work.servers[name].start()


def measure_shapes(work, all_shapes, only, size, save):
    for shape in all_shapes:
        if wanted(only, shape.key):
            size["titles"][shape.key] = shape.title
            size["shapes"][shape.key] = work.measure(shape)
            save()


def measure_whole(work, all_shapes, only, size, save):
    by_key = {shape.key: shape for shape in all_shapes}
    for name in BOOKSHELVES:
        server = work.servers[name]
        size["resident"][name]["load"] = server.process.memory("VmHWM")
        for key, measure in WHOLE.items():
            if wanted(only, key):
                size.setdefault(key, {})[name] = or_void(measure, work, server, by_key)
                save()


def or_void(measure, *arguments):
    try:
        return measure(*arguments)
    except Failed as error:
        say(f"void: {error}")
        return {"void": error.line()}


def write(results, output):
    output.mkdir(parents=True, exist_ok=True)
    (output / "results.json").write_text(
        json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    text = report.markdown(results)
    (output / "results.md").write_text(text, encoding="utf-8")
    plots.write(results, output)
    return text


def main():
    options = arguments()
    if options.table:
        results = json.loads(options.table.read_text(encoding="utf-8"))
        print(write(results, options.table.parent))
        return
    os.chdir(REPOSITORY)
    load.check_program()
    if not options.no_build:
        cargo_build("--package", "bookshelf")
        cargo_build("--manifest-path", "bench/Cargo.toml")
    given = " ".join(sys.argv[1:])
    command = f"make bench OPTIONS='{given}'" if given else "make bench"
    results = {"about": {"command": command}, "sizes": []}
    only = set(filter(None, options.only.split(",")))
    for books in map(int, options.books.split(",")):
        measure_catalogue(books, options, only, results, lambda: write(results, options.output))
    print(write(results, options.output))
    say(f"The results are in {options.output}")


if __name__ == "__main__":
    # So that a signal ends the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except Failed as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
