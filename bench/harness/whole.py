"""Measurements of a whole server: its start, its memory, and reads while it does other work."""

import http.client
import json
import socket
import threading
import time
from contextlib import suppress

from . import catalogue
from .load import CONNECTIONS
from .processes import HOST, Failed, request
from .rounds import say
from .servers import PASSWORD
from .shapes import BOOKS, count_books

STARTS = 7
LOGINS = 8
ROUNDS = 5
# More books than an import adds while the reads are measured.
ADDED = 250_000
# The first number of their ISBNs, which no other request adds.
FIRST_ADDED = 500_000_000


def start(server):
    """Starts a server several times, and leaves it running. Returns milliseconds."""
    times = []
    for number in range(STARTS):
        if number:
            server.stop()
        times.append(server.time_to_first_answer() * 1000)
    say(f"{server.name}: first answer after {min(times):.0f} to {max(times):.0f} ms")
    return times


def idle_memory(server):
    time.sleep(2)
    return server.process.memory()


def memory_after_requests(run, server, shapes):
    """The resident memory after each of several runs of the mix."""
    found = []
    for _ in range(6):
        shapes["mix"].measure(server, run, run.seconds, CONNECTIONS)
        found.append(server.process.memory())
    say(f"{server.name}: memory {[size // 1_000_000 for size in found]} MB")
    return {"after": found}


class Workers:
    """Threads that do something again and again until the end of a `with` block."""

    def __init__(self, count, work):
        self.done, self.failure, self.stopping = 0, None, False
        self.work = work
        self.threads = [
            threading.Thread(target=self.repeat, args=(place,)) for place in range(count)
        ]

    def repeat(self, place):
        try:
            while not self.stopping:
                self.work(place)
                self.done += 1
        except (Failed, OSError) as error:
            self.failure = self.failure or error

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        for thread in self.threads:
            thread.join()
        if self.failure:
            raise Failed(f"the work beside the reads failed: {self.failure}")


def reads_during_logins(run, server, shapes):
    """The times of reads while the server is quiet, and while 8 clients log in all the time."""
    one_book = shapes["one-book"]
    body = json.dumps({"email": "admin@example.com", "password": PASSWORD})

    def log_in(place):
        headers = {"Content-Type": "application/json", "X-Forwarded-For": f"10.1.0.{place}"}
        status, _, answer = request(server.port, "POST", "/api/v1/auth/login", body, headers)
        if status != 200:
            raise Failed(f"a login was answered with {status}: {answer[:200]}")

    quiet, during, logins, start = [], [], 0, 0.0
    for _ in range(ROUNDS):
        quiet.append(one_book.measure(server, run, run.seconds, CONNECTIONS))
        with Workers(LOGINS, log_in) as workers:
            time.sleep(0.5)
            began, before = time.monotonic(), workers.done
            during.append(one_book.measure(server, run, run.seconds, CONNECTIONS, alone=False))
            logins += workers.done - before
            start += time.monotonic() - began
        server.wait_until_idle()
    say_p99("logins", server, quiet, during)
    return {"quiet": quiet, "during": during, "logins_per_second": logins / start}


def say_p99(work, server, quiet, during):
    during, quiet = ([round(entry["p99"], 1) for entry in rounds] for rounds in (during, quiet))
    say(f"{server.name}: p99 of reads during {work} {during} ms, quiet {quiet} ms")


class Import:
    """An import over HTTP that runs until it is cut off or done."""

    def __init__(self, server, path):
        self.server, self.path = server, path
        self.ended, self.answer = False, ""
        self.connection = http.client.HTTPConnection(HOST, server.port, timeout=600)
        self.thread = threading.Thread(target=self.send)

    def send(self):
        headers = {"Authorization": f"Bearer {self.server.token}", "Content-Type": "text/csv"}
        try:
            with open(self.path, "rb") as file:
                self.connection.request(
                    "POST", f"{BOOKS}/import", file, headers, encode_chunked=True
                )
                self.answer = self.connection.getresponse().read()[:200]
        except (OSError, http.client.HTTPException) as error:
            self.answer = error  # cut off
        self.ended = True

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        with suppress(OSError, AttributeError):
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.connection.close()


def reads_during_import(run, server, shapes):
    """The same while the server imports new books. An import must not end before the reads do."""
    one_book, path = shapes["one-book"], run.folder / "more.csv"
    quiet, during, rates = [], [], []
    for number in range(run.rounds):
        catalogue.write(
            path, ADDED, prefix=979, seed=10 + number, first=FIRST_ADDED + number * ADDED
        )
        quiet.append(one_book.measure(server, run, run.seconds, CONNECTIONS))
        before = count_books(server)
        with Import(server, path) as work:
            time.sleep(0.5)
            began, first = time.monotonic(), count_books(server)
            during.append(one_book.measure(server, run, run.seconds, CONNECTIONS, alone=False))
            rates.append((count_books(server) - first) / (time.monotonic() - began))
            if work.ended and count_books(server) - before < ADDED:
                raise Failed(f"the import failed: {work.answer}")
            if work.ended:
                raise Failed("the import ended before the reads; give fewer --seconds")
        server.wait_until_idle()
    say_p99("an import", server, quiet, during)
    return {"quiet": quiet, "during": during, "rows_per_second": rates}
