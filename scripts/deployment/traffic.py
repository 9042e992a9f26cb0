"""Reads and writes that go on while something happens to the deployment."""

import itertools
import json
import threading
import time
import uuid
from contextlib import contextmanager

from .users import User, visitor

READERS, WRITERS = 4, 4
runs = itertools.count(1)


class Traffic:
    """What readers and writers saw."""

    def __init__(self, stack, writers):
        self.stack, self.writers = stack, writers
        # A word that only the titles of this run have.
        self.word = f"run{next(runs)}q{uuid.uuid4().hex[:6]}"
        self.ending = threading.Event()
        self.lock = threading.Lock()
        # After this time nobody tries again.
        self.deadline = float("inf")
        self.reads, self.failed_reads = 0, []
        self.acknowledged, self.failed_writes = {}, []
        self.last_read, self.longest_gap = time.monotonic(), 0.0
        self.threads = [threading.Thread(target=self.read, daemon=True) for _ in range(READERS)]
        self.threads += [
            threading.Thread(target=self.write, args=[number, user], daemon=True)
            for number, user in enumerate(writers)
        ]

    def read(self):
        count = 0
        while not self.ending.is_set():
            if count % 200 == 0:
                client = visitor(self.stack)
            path = "/api/v1/books?per_page=10" if count % 5 == 0 else "/api/v1/books/1"
            status, body = read_once(client, path)
            now = time.monotonic()
            with self.lock:
                self.reads += 1
                if status == 200:
                    self.longest_gap = max(self.longest_gap, now - self.last_read)
                    self.last_read = now
                else:
                    self.failed_reads.append(f"{status} {body[:120]!r}")
            count += 1
            time.sleep(0.04)

    def write(self, number, user):
        """Each write is sent until it is acknowledged, with a key, so that it is carried out once."""
        for count in itertools.count():
            if self.ending.is_set():
                return
            title = f"{self.word} {number} {count}"
            key = str(uuid.uuid4())
            book = json.dumps({"title": title, "author": "Deployment"})
            while time.monotonic() < self.deadline:
                status, body = user.client.send(
                    "POST", "/api/v1/books", book, Content_Type="application/json", Idempotency_Key=key
                )
                if status == 201:
                    self.acknowledged[json.loads(body)["data"]["id"]] = title
                    break
                self.failed_writes.append(f"{status} {body[:120]!r}")
                time.sleep(0.3)
            time.sleep(0.6)

    def lost(self):
        """The acknowledged writes that cannot be read, and how many books there are too many."""
        lost = []
        for count, (number, title) in enumerate(self.acknowledged.items()):
            if count % 200 == 0:
                client = visitor(self.stack)
            status, body = client.send("GET", f"/api/v1/books/{number}")
            if status != 200 or json.loads(body)["data"]["title"] != title:
                lost.append(f"{number}: {status}")
        status, body = client.send("GET", f"/api/v1/books?search={self.word}")
        found = json.loads(body)["pagination"]["total_items"]
        return lost, found - len(self.acknowledged)

    def figures(self):
        return (
            f"{self.reads} reads, {len(self.failed_reads)} failed; {len(self.acknowledged)} writes "
            f"acknowledged, {len(self.failed_writes)} attempts failed; {self.longest_gap:.1f} s without a read"
        )

    def failures(self):
        """Samples of the failures, for the report."""
        return sorted(set(self.failed_reads[:3] + self.failed_writes[:3]))


def read_once(client, path):
    """Sends a read again if its idle connection was closed meanwhile, as every client does."""
    reused = client.connection is not None
    status, body = client.send("GET", path)
    return client.send("GET", path) if status == 0 and reused else (status, body)


@contextmanager
def traffic(stack, writers):
    """Lets traffic run during the block, and a second before and after."""
    running = Traffic(stack, writers)
    for thread in running.threads:
        thread.start()
    try:
        time.sleep(1)
        yield running
        time.sleep(2)
    finally:
        running.deadline = time.monotonic() + 30
        running.ending.set()
        for thread in running.threads:
            thread.join(60)


def make_writers(stack):
    writers = [User(stack, f"writer{number}@example.com") for number in range(WRITERS)]
    for writer in writers:
        # A connection to a part that is gone must not take the whole test.
        writer.client.close()
        writer.client.timeout = 20
    return writers
