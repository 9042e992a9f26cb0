#!/usr/bin/env python3
"""Records what the server does under a load, and draws a flame graph of it.

It needs Linux, perf (Debian: linux-perf), wrk, and leave to use perf: root, or
`sysctl kernel.perf_event_paranoid=2` or less. It installs inferno, which draws the graph, with
cargo into the target folder. Inlined functions are shown as parts of their callers.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from harness import catalogue
from harness.load import check_program
from harness.postgres import Postgres
from harness.processes import (
    REPOSITORY,
    Failed,
    Process,
    cargo_build,
    run_visibly,
    scratch_folder,
    target_folder,
)
from harness.rounds import Run, say
from harness.servers import Bookshelf, BookshelfOnPostgres
from harness.shapes import shapes

INFERNO = "0.12.8"


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shape", default="mix", help="requests, as in make bench (default: mix)")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--books", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument(
        "--output", type=Path, help="file for the graph (default: in the target folder)"
    )
    return parser.parse_args()


def install_inferno(target):
    """Returns the folder of its programs."""
    root = target / f"inferno-{INFERNO}"
    if not (root / "bin/inferno-flamegraph").exists():
        options = ["--quiet", "--locked", "--root", str(root)]
        run_visibly(["cargo", "install", *options, f"inferno@{INFERNO}"])
    return root / "bin"


def make_server(stack, folder, database):
    program = target_folder() / "release/bookshelf"
    if database == "sqlite":
        return Bookshelf(folder / "server", program)
    postgres = Postgres(folder)
    stack.callback(postgres.stop)
    return BookshelfOnPostgres(folder / "server", program, postgres)


def record(server, folder):
    """Starts to sample all threads of a server, with their stacks."""
    # Virtual machines have `cpu-clock` too. `dwarf` uses the tables that a program has for panics,
    # so the server is the one that is released.
    options = ["--quiet", "--event=cpu-clock", "--freq=499", "--call-graph=dwarf,16384"]
    pid = server.process.process.pid
    command = ["perf", "record", *options, f"--pid={pid}", f"--output={folder / 'perf.data'}"]
    return Process(command, folder / "perf.log", stop=signal.SIGINT)


def draw(folder, inferno, title):
    """Draws the graph. Returns its file."""
    script = ["perf", "script", "--no-inline", f"--input={folder / 'perf.data'}"]
    collapse = [str(inferno / "inferno-collapse-perf"), str(folder / "stacks")]
    graph = [str(inferno / "inferno-flamegraph"), "--title", title, str(folder / "collapsed")]
    for command, result in ((script, "stacks"), (collapse, "collapsed"), (graph, "graph.svg")):
        with open(folder / result, "wb") as file:
            done = subprocess.run(command, check=False, stdout=file, stderr=subprocess.PIPE)
        if done.returncode:
            raise Failed(f"{command[0]} failed: {done.stderr.decode()}")
    return folder / "graph.svg"


def profile(stack, options, inferno):
    folder = scratch_folder(stack, "/var/tmp")
    books, shelf = folder / "books.csv", folder / "shelf.csv"
    catalogue.write(books, options.books)
    catalogue.write_shelf(shelf, books, rated=True)
    by_key = {shape.key: shape for shape in shapes(books, options.books)}
    if options.shape not in by_key:
        raise Failed(f"there is no shape {options.shape}; there are {', '.join(by_key)}")
    shape = by_key[options.shape]

    server = make_server(stack, folder, options.database)
    server.fill(books, shelf, shelf)
    server.settle()
    stack.callback(server.stop)
    server.start()
    server.log_in()
    run = Run(folder, target_folder() / "release", options.books, options.seconds, 1)
    shape.measure(server, run, 1, shape.connections)
    perf = record(server, folder)
    stack.callback(perf.stop)
    measured = shape.measure(server, run, options.seconds, shape.connections)
    perf.stop()

    say("reading the samples")
    load = f"{options.database}, {measured['rate']:,.0f} requests/s"
    graph = draw(folder, inferno, f"{shape.title}, {options.books:,} books, {load}")
    shutil.copyfile(graph, options.output)


def main():
    options = arguments()
    os.chdir(REPOSITORY)
    check_program()
    if not shutil.which("perf"):
        raise Failed("perf is missing (Debian: apt-get install linux-perf)")
    target = target_folder()
    options.output = options.output or target / f"{options.database}-{options.shape}.svg"
    cargo_build("--package", "bookshelf")
    inferno = install_inferno(target)
    with ExitStack() as stack:
        profile(stack, options, inferno)
    print(options.output)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except Failed as error:
        sys.exit(f"profile: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
