"""The servers that are measured and compared, each on its own port with its own database."""

import json
import os
import shutil
import sqlite3
import time
from pathlib import Path

from . import catalogue
from .postgres import insert_script
from .processes import REPOSITORY, Failed, Process, answers, free_port, request, run, run_and_weigh

PASSWORD = "correct horse battery"
# One reader alone would wait, because one client may have only so many lists at once.
READERS = 2
LIMITS = ("LOGIN", "LOGIN_ACCOUNT", "REGISTER", "PASSWORD", "WRITE", "READ")

# Everything is as in production, except that nothing is refused: 64 connections are more than the
# limits of requests allow one client. The load generator names a client address in
# X-Forwarded-For, so it stands for many clients.
SETTINGS = {
    "BOOKSHELF_LOG": "warn",
    "BOOKSHELF_LOG_FORMAT": "json",
    "BOOKSHELF_ACCESS_TOKEN_TTL": "12h",
    "BOOKSHELF_TRUSTED_PROXIES": "127.0.0.1/32",
    "BOOKSHELF_JWT_SECRET": "the benchmark signs with this secret",
    **{f"BOOKSHELF_RATE_LIMIT_{limit}": "off" for limit in LIMITS},
}


def environment(settings):
    """The environment of this program, without settings that it may have for Bookshelf."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BOOKSHELF_", "DATABASE_", "PG"))
    }
    return kept | settings


class Server:
    """A server over HTTP. `path` names an address that it answers when it is ready."""

    path = "/api/v1/books/1"

    def __init__(self, folder):
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.process = None

    def start(self, wait=True):
        command, variables = self.command()
        self.process = Process(
            command, self.folder / "log", cwd=self.folder, env=environment(variables)
        )
        if wait:
            self.process.wait_until(lambda: answers(self.port, self.path))

    def stop(self):
        if self.process:
            self.process.stop()

    def wait_until_idle(self):
        self.process.wait_until_idle()

    def get(self, path, headers=None, status=200):
        """Sends a GET. Returns the JSON of its answer, if that has the expected status."""
        got, _, body = request(self.port, "GET", path, headers=headers)
        if got != status:
            raise Failed(f"{self.name}: {path} was answered with {got}: {body[:200]}")
        return json.loads(body)


class Constant(Server):
    name = "constant"

    def __init__(self, folder, programs):
        super().__init__(folder)
        self.program = programs / "constant"

    def command(self):
        return [str(self.program), str(self.port)], {}


class Usual(Server):
    """The peer, on SQLite."""

    name = "usual"

    def __init__(self, folder, programs, books):
        super().__init__(folder)
        self.program, self.books, self.token = programs / "usual", books, "benchmark"

    def command(self):
        database = self.folder / "usual.db"
        return [str(self.program), str(self.port), str(database)], {"USUAL_TOKEN": self.token}

    def fill(self):
        database = sqlite3.connect(self.folder / "usual.db")
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript((REPOSITORY / "bench/usual.sql").read_text(encoding="utf-8"))
        # One book a second, so that the order by time is that of the file.
        database.executemany(
            """INSERT INTO books (title, author, isbn, genre, year, description, created_at)
               VALUES (?2, ?3, ?4, ?5, nullif(?6, ''), nullif(?7, ''),
                       strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + ?1, 'unixepoch'))""",
            ((number, *row) for number, row in catalogue.read(self.books)),
        )
        database.execute("ANALYZE")
        database.commit()
        database.close()


class Bookshelf(Server):
    """Bookshelf on SQLite."""

    name = "sqlite"

    def __init__(self, folder, program):
        super().__init__(folder)
        self.program = program
        self.token = None
        self.readers = []

    def url(self):
        return f"sqlite://{self.folder}/bookshelf.db"

    def settings(self):
        return SETTINGS | {
            "BOOKSHELF_DATA_DIR": str(self.folder),
            "DATABASE_URL": self.url(),
            "BOOKSHELF_LISTEN": f"127.0.0.1:{self.port}",
        }

    def command(self):
        return [str(self.program), "serve"], self.settings()

    def import_books(self, path):
        """Returns the seconds and the peak of the resident memory."""
        return run_and_weigh(
            [str(self.program), "import", str(path)],
            env=environment(self.settings()),
            cwd=self.folder,
        )

    def call(self, *arguments, **options):
        return run(
            [str(self.program), *arguments],
            env=environment(self.settings()),
            cwd=self.folder,
            **options,
        )

    def fill(self, path, shelf, rated_shelf):
        """Imports the books and the shelves. The shelf of the first reader has ratings."""
        self.call("migrate")
        measured = self.import_books(path)
        for email in ["admin@example.com", *self.emails()]:
            self.call(
                "admin", "create", "--email", email, "--password-stdin", input=PASSWORD + "\n"
            )
        for place, email in enumerate(self.emails()):
            self.call("import", "--shelf-of", email, str(shelf if place else rated_shelf))
        return measured

    def emails(self):
        return [f"reader{place}@example.com" for place in range(READERS)]

    def log_in(self):
        self.token = self.access_token("admin@example.com")
        self.readers = [self.access_token(email) for email in self.emails()]

    def access_token(self, email):
        body = json.dumps({"email": email, "password": PASSWORD})
        headers = {"Content-Type": "application/json"}
        status, _, answer = request(self.port, "POST", "/api/v1/auth/login", body, headers)
        if status != 200:
            raise Failed(f"{self.name}: the login was answered with {status}: {answer[:200]}")
        return json.loads(answer)["data"]["access_token"]

    def settle(self):
        """Called between the import and the measurements."""

    def prepare_ceiling(self):
        """Copies the database for `raw_writer`. The server must not run."""
        copy = self.folder / "raw.db"
        database = sqlite3.connect(self.folder / "bookshelf.db")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        shutil.copyfile(self.folder / "bookshelf.db", copy)
        return copy

    def time_to_first_answer(self):
        """Starts the server and asks for a book until it answers. Returns the seconds."""
        start = time.monotonic()
        self.start(wait=False)
        self.process.wait_until(lambda: answers(self.port, self.path), pause=0.0005)
        return time.monotonic() - start


class BookshelfOnPostgres(Bookshelf):
    name = "postgres"
    database = "bookshelf"
    copy = "ceiling"

    def __init__(self, folder, program, postgres):
        super().__init__(folder, program)
        self.postgres = postgres
        postgres.sql("postgres", f"CREATE DATABASE {self.database}")

    def url(self):
        return self.postgres.url(self.database)

    def settle(self):
        self.postgres.settle(self.database)

    def wait_until_idle(self):
        super().wait_until_idle()
        self.postgres.wait_until_idle()

    def prepare_ceiling(self):
        """Copies the database for pgbench and writes its script. The server must not run."""
        self.postgres.copy_for_pgbench(self.database, self.copy)
        script = Path(self.folder / "insert.sql")
        script.write_text(insert_script(self.postgres, self.copy), encoding="utf-8")
        return script
