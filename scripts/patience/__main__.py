"""python3 -m patience: see the package. It prints a table, and exits with 1 on a failure."""

import argparse
import json
import pathlib
import resource
import sys
import tempfile

from abuse.preparation import write_books
from clients import Client
from servers import ADMIN, PASSWORD, UNLIMITED, Server

from . import idle, leaving, measure, mixed, slow

PARTS = ("mixed", "slow", "idle", "leaving")
BOOKS = 10_000


def parse():
    parser = argparse.ArgumentParser("patience", description=__doc__)
    parser.add_argument("--program", default="target/release/bookshelf")
    parser.add_argument("--requests", type=int, default=1_000_000, help="how many mixed requests")
    parser.add_argument("--readers", type=int, default=1000, help="how many slow readers")
    parser.add_argument("--senders", type=int, default=500, help="how many slow senders")
    parser.add_argument("--seconds", type=int, default=35, help="how long these take their time")
    parser.add_argument("--idle", type=int, default=10_000, help="how many idle connections")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="the parts to run")
    return parser.parse_args()


def allow_descriptors():
    """As many as this machine allows, for this program and the server, which inherits the limit."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def idle_connections(wanted, descriptors):
    """The server needs two descriptors for a connection, and some for other clients."""
    fitting = min(wanted, descriptors // 2 - 200)
    if fitting < wanted:
        print(f"this machine allows {descriptors} descriptors: {fitting} idle connections, not {wanted}")
    return fitting


def start(options, folder):
    """A server with books, and a token of its admin."""
    settings = {
        **UNLIMITED,
        # Idle connections must not take the place of others, and must not end during the test.
        "BOOKSHELF_MAX_CONNECTIONS": str(options.idle + 2000),
        "BOOKSHELF_KEEP_ALIVE": "10m",
        "BOOKSHELF_ACCESS_TOKEN_TTL": "12h",
    }
    server = Server(options.program, folder, settings)
    write_books(folder / "books.csv", BOOKS)
    server.run("import", str(folder / "books.csv"))
    server.make_admin()
    server.start()
    client = Client(server.target, server.target.other)
    status, body = client.json("POST", "/api/v1/auth/login", {"email": ADMIN, "password": PASSWORD})
    assert status == 200, body
    return server, json.loads(body)["data"]["access_token"]


def main():
    options = parse()
    options.idle = idle_connections(options.idle, allow_descriptors())
    with tempfile.TemporaryDirectory(prefix="bookshelf-patience-") as folder:
        server, token = start(options, pathlib.Path(folder))
        try:
            table = measure.Table()
            steps = {
                "mixed": lambda: mixed.run(server, table, token, BOOKS, options.requests),
                "slow": lambda: slow.run(server, table, token, BOOKS, options.readers, options.senders, options.seconds),
                "idle": lambda: idle.run(server, table, token, BOOKS, options.idle),
                "leaving": lambda: leaving.run(server, table, token, BOOKS),
            }
            if "mixed" not in options.only:
                # All threads and caches of the server must exist before anything is measured.
                mixed.send(server, token, BOOKS, 1)
            for name in options.only:
                steps[name]()
            if server.stopped() is not None or server.panics():
                table.row("the end", f"exit code {server.stopped()}, {server.panics()} panics", ["it failed"])
        finally:
            server.stop()
    return int(table.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
