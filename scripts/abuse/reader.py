"""The other user, who reads while the attack goes on."""

import collections
import os
import random
import time

from clients import Client

def read_as_another(target, token, books, seconds, out):
    """The other user: eight reads a second, of four kinds. Sends a list of times for each kind."""
    try:
        # The time that this process waits for a processor does not belong to the server.
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        pass
    client = Client(target, target.other, {"Authorization": f"Bearer {token}"})
    kinds = {
        "book": lambda: f"/api/v1/books/{random.randint(1, books)}",
        "list": lambda: "/api/v1/books",
        "search": lambda: f"/api/v1/books?search=word{random.randint(1, 900)}",
        "shelf": lambda: "/api/v1/shelf?sort=rating",
    }
    times, failures = collections.defaultdict(list), []
    end = time.monotonic() + seconds
    due = time.monotonic()
    while due < end:
        for kind, path in kinds.items():
            time.sleep(max(0, due - time.monotonic()))
            start = time.perf_counter()
            status, body = client.send("GET", path())
            times[kind].append((time.perf_counter() - start) * 1000)
            if status != 200:
                failures.append(f"{kind}: {status} {body[:200]!r}")
            due += 0.125
    out.put((dict(times), failures))
