"""A PostgreSQL server of its own, with the default durability, and pgbench."""

import os
import pwd
import re
import shutil
import signal
import time
from pathlib import Path

from .processes import HOST, Failed, Process, free_port, run


def find_programs():
    """The folder of the newest PostgreSQL, as `scripts/with-servers` finds it."""
    folders = list(Path("/usr/lib/postgresql").glob("*/bin"))
    if path := shutil.which("initdb"):
        folders.append(Path(path).resolve().parent)
    folders = [folder for folder in folders if (folder / "initdb").exists()]
    if not folders:
        raise Failed("PostgreSQL is missing (Debian: apt-get install postgresql)")
    return max(folders, key=lambda folder: [int(n) for n in re.findall(r"\d+", str(folder))])


def owner():
    """PostgreSQL refuses to run as root, so root runs it as another user."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise Failed("there is neither a user postgres nor a user nobody")


class Postgres:
    """All settings are the defaults of PostgreSQL: fsync, synchronous_commit and full_page_writes
    are on, and shared_buffers is 128 MB."""

    def __init__(self, folder):
        self.programs = find_programs()
        self.version = run([str(self.programs / "postgres"), "--version"]).strip()
        self.port = free_port()
        data = folder / "postgres"
        data.mkdir(mode=0o700)
        as_owner = owner()
        if as_owner:
            os.chown(data, as_owner["user"], as_owner["group"])
        options = ["--encoding=UTF8", "--locale=C", "--username=postgres", "--auth=trust"]
        initdb = [str(self.programs / "initdb"), f"--pgdata={data}", *options]
        run(initdb, cwd=folder, **as_owner)
        options = [
            f"--port={self.port}",
            f"--listen_addresses={HOST}",
            "--unix_socket_directories=",
        ]
        server = [str(self.programs / "postgres"), "-D", str(data), *options]
        log = folder / "postgres.log"
        self.process = Process(server, log, stop=signal.SIGINT, cwd=folder, **as_owner)
        self.process.wait_until(self.is_ready)

    def program(self, name, *arguments):
        where = [f"--host={HOST}", f"--port={self.port}", "--username=postgres"]
        return [str(self.programs / name), *where, *arguments]

    def is_ready(self):
        try:
            run(self.program("pg_isready", "--quiet"))
            return True
        except Failed:
            return False

    def sql(self, database, *statements):
        """Runs statements one by one. Returns the rows, with tabs between the columns."""
        commands = [part for statement in statements for part in ("-c", statement)]
        options = ["-d", database, "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
        return run(self.program("psql", *options, *commands)).splitlines()

    def url(self, database):
        return f"postgres://postgres@{HOST}:{self.port}/{database}"

    def settle(self, database):
        """Does now what autovacuum would otherwise do during a measurement."""
        self.sql(database, "VACUUM (ANALYZE)", "CHECKPOINT")

    def wait_until_idle(self):
        """Waits until no statement runs: the server does not stop those that nobody waits for."""
        others = "backend_type = 'client backend' AND pid <> pg_backend_pid()"
        running = f"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND {others}"
        while self.sql("postgres", running) != ["0"]:
            time.sleep(0.1)

    def copy_for_pgbench(self, source, copy):
        """Copies a database, for the insertion of rows and index entries and nothing else: without
        the trigger that counts the books."""
        self.sql("postgres", f"CREATE DATABASE {copy} TEMPLATE {source}")
        self.sql(copy, "DROP TRIGGER book_counts_insert ON books")
        self.settle(copy)

    def stop(self):
        self.process.stop()


# The columns of a book that the server reads.
SELECT = """\\set id random(1, :books)
SELECT id, title, author, isbn, genre, year, description, rating_sum, rating_count, cover, version,
       created_at, updated_at
FROM books WHERE id = :id;
"""

# The row that the server inserts. `\\set` has no texts, so the statement picks them from constants.
# The ISBN has no check digit, which changes nothing here.
INSERT = """\\set number :number + 1
\\set isbn :client_id * 100000000 + :number
\\set now 1800000000000000 + :number
\\set pick random(1, {count})
INSERT INTO books (title, title_folded, title_sort, author, author_folded, author_sort, isbn, genre,
                   genre_folded, year, version, created_at, updated_at)
VALUES (({title})[:pick], ({title_folded})[:pick], ({title_sort})[:pick],
        ({author})[:pick], ({author_folded})[:pick], ({author_sort})[:pick],
        '979' || to_char(:isbn::bigint, 'FM0000000000'),
        'Software', 'software', 1900 + :pick, 1, :now, :now)
ON CONFLICT (isbn) DO NOTHING RETURNING id;
"""


def insert_script(postgres, database, count=100):
    """A script of pgbench that inserts books. Their titles and authors are those of other books."""
    types = {
        f"{name}{form}": kind
        for name in ("title", "author")
        for form, kind in (("", "text"), ("_folded", "text"), ("_sort", "bytea"))
    }
    arrays = ", ".join(
        f"quote_literal(array_agg({column})::text) || '::{kind}[]'"
        for column, kind in types.items()
    )
    rows = f"(SELECT * FROM books ORDER BY id LIMIT {count}) AS picked"
    values = postgres.sql(database, f"SELECT {arrays} FROM {rows}")[0].split("\t")
    return INSERT.format(count=count, **dict(zip(types, values, strict=True)))


def pgbench(postgres, database, script, seconds, clients, **variables):
    """Runs a script with prepared statements. Returns the transactions per second."""
    settings = [part for name, value in variables.items() for part in ("-D", f"{name}={value}")]
    options = [f"--client={clients}", "--jobs=1", f"--time={seconds}", f"--file={script}"]
    output = run(
        postgres.program(
            "pgbench", "--no-vacuum", "--protocol=prepared", *options, *settings, database
        )
    )
    failed = re.search(r"number of failed transactions: (\d+)", output)
    if failed and int(failed[1]):
        raise Failed(f"pgbench: {failed[1]} transactions failed")
    return float(re.search(r"tps = ([\d.]+)", output)[1])
