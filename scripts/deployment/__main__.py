"""python3 -m deployment: see the package. It prints a line for each check, and exits with 1 on a failure."""

import argparse
import os
import pathlib
import sys
import tempfile
import time

from abuse.preparation import write_books

from .checks import abuse, certificates, failures, limits, rolling, secrets, smoke, upgrade
from .report import Report
from .stack import Stack
from .traffic import make_writers
from .users import admin, expect

PROJECT = pathlib.Path(__file__).resolve().parents[2]
INSIDE = "DEPLOYMENT_NAMESPACES"
PARTS = ("smoke", "abuse", "failures", "rolling", "certificates", "secrets", "upgrade")

# The parts during which clients write.
WRITTEN = {"failures", "rolling", "certificates", "secrets"}


def parse():
    parser = argparse.ArgumentParser("deployment", description=__doc__)
    parser.add_argument("--program", default="target/release/bookshelf", type=pathlib.Path)
    parser.add_argument("--books", type=int, default=20_000, help="how many books there are")
    parser.add_argument("--seconds", type=int, default=60, help="length of the abuse run")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="the parts to run")
    return parser.parse_args()


def enter_namespaces():
    """Starts this program again in namespaces of its own."""
    if os.environ.get(INSIDE):
        return
    if os.geteuid() != 0:
        sys.exit("deployment: this needs root, to make namespaces")
    os.environ[INSIDE] = "1"
    # If this program ends, the system ends all processes of its namespace.
    namespaces = ["--net", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc"]
    os.execvp("unshare", ["unshare", *namespaces, sys.executable, "-m", "deployment", *sys.argv[1:]])


def fill(stack, books):
    """An admin, and books with the ids from 1 on."""
    stack.make_admin()
    file = stack.folder / "books.csv"
    write_books(file, books)
    body = file.read_bytes()
    expect(200, admin(stack).client.send("POST", "/api/v1/books/import", body, Content_Type="text/csv"))


def run(stack, report, options):
    start = time.monotonic()
    stack.up()
    report.check("start", True, f"all services healthy after {time.monotonic() - start:.1f} s")
    fill(stack, options.books)
    writers = make_writers(stack) if set(options.only) & WRITTEN else []
    steps = {
        "smoke": lambda: smoke.run(stack, report),
        "abuse": lambda: abuse.run(stack, report, options.books, options.seconds),
        "failures": lambda: failures.run(stack, report, writers),
        "rolling": lambda: rolling.run(stack, report, writers),
        "certificates": lambda: certificates.run(stack, report, writers),
        "secrets": lambda: secrets.run(stack, report, writers),
        "upgrade": lambda: upgrade.run(stack, report),
    }
    # The upgrade comes last, because it begins with a database of its own.
    for name in steps:
        if name in options.only:
            steps[name]()
    limits.run(stack, report)


def main():
    options = parse()
    enter_namespaces()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="bookshelf-deployment-") as folder:
        os.chmod(folder, 0o755)
        stack = Stack(pathlib.Path(folder), PROJECT, options.program.resolve())
        try:
            run(stack, report, options)
        finally:
            stack.remove()
    print(f"{report.failed} checks failed" if report.failed else "every check passed")
    return int(report.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
