"""python3 -m upgrade: see the package. It prints a line for each step, and exits with 1 on a failure."""

import argparse
import os
import pathlib
import sys
import tempfile
import threading

from servers import UNLIMITED, Server

from . import previous
from .requests import Session

SETTINGS = {
    "BOOKSHELF_JWT_SECRET": "a secret that both programs have for their tokens",
    "BOOKSHELF_BCRYPT_COST": "10",
    **UNLIMITED,
}


def parse():
    parser = argparse.ArgumentParser("upgrade", description=__doc__)
    parser.add_argument("--program", default="target/release/bookshelf", help="the program of this version")
    parser.add_argument("--from", dest="commit", help="the previous version, a commit or tag")
    parser.add_argument("--previous", help="its program, if that is built already")
    return parser.parse_args()


class Run:
    """One database, through all steps."""

    def __init__(self, kind, programs, folder, database):
        self.kind, self.failed = kind, 0
        self.previous, self.current = (
            Server(program, folder, {**SETTINGS, "DATABASE_URL": database}, name)
            for name, program in zip(("previous", "current"), programs)
        )
        # PostgreSQL serves several instances at once; the rest of SQLite belongs to one.
        self.several = database.startswith("postgres")

    def report(self, step, problems, done):
        passed = not problems and done > 0
        print(f"{'ok    ' if passed else 'FAILED'} {self.kind}: {step}: {done} requests, {len(problems)} failed")
        for problem in problems[:10]:
            print(f"         {problem}")
        self.failed += not passed

    def use(self, step, session, times=3):
        session.problems, session.done = [], 0
        for _ in range(times):
            session.everything()
        self.report(step, session.problems, session.done)

    def during(self, step, session, action):
        """Uses the server again and again while something else happens."""
        ended = threading.Event()

        def go_on():
            while True:
                session.everything()
                if ended.is_set():
                    return

        session.problems, session.done = [], 0
        thread = threading.Thread(target=go_on, daemon=True)
        thread.start()
        try:
            action()
        finally:
            ended.set()
            thread.join(120)
        self.report(step, session.problems, session.done)

    def steps(self):
        self.previous.run("migrate")
        self.previous.make_admin()
        self.previous.start()
        old = Session(self.previous)
        self.use("the previous program before the upgrade", old)
        self.during("the previous program while this one migrates", old, lambda: self.current.run("migrate"))
        self.use("the previous program after the migration", old)
        if not self.several:
            self.previous.stop()
        self.current.start()
        new = Session(self.current)
        if self.several:
            self.during("the previous program beside this one", old, new.everything)
            self.previous.stop()
        self.use("this program", new)
        self.current.stop()
        self.previous.start("--no-migrate")
        self.use("the previous program again", Session(self.previous))
        self.previous.stop()
        # What the previous program wrote is searched and sorted by the rules of this one again.
        self.current.run("migrate")
        self.current.start()
        last = Session(self.current)
        self.use("this program after that", last)
        written, found = last.total("upgrade"), last.total("upgrade+zoe")
        problems = [] if written == found else [f"{found} of {written} books are found by their author"]
        self.report("what both programs wrote", problems, written)

    def run(self):
        try:
            self.steps()
        except RuntimeError as error:
            print(f"FAILED {self.kind}: {error}")
            self.failed += 1
        finally:
            self.previous.stop()
            self.current.stop()
        return self.failed


def main():
    options = parse()
    commit = options.commit or previous.commit()
    old = options.previous or previous.build(commit)
    print(f"the previous version: {previous.git('log', '-1', '--format=%h of %as, %s', commit)}")
    programs = (str(pathlib.Path(old).resolve()), str(pathlib.Path(options.program).resolve()))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="bookshelf-upgrade-") as folder:
        databases = {"SQLite": f"sqlite://{folder}/books.db"}
        if os.environ.get("TEST_DATABASE_URL"):
            databases["PostgreSQL"] = os.environ["TEST_DATABASE_URL"]
        for kind, database in databases.items():
            own = pathlib.Path(folder, kind)
            own.mkdir()
            failed += Run(kind, programs, own, database).run()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
