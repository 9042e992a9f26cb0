"""A user who reads and writes while others take their time."""

import json
import random
import threading
import time

from clients import Client


class Bystander:
    """A context: the user is active within it."""

    def __init__(self, server, token, books):
        self.client = Client(server.target, server.target.other, {"Authorization": f"Bearer {token}"}, 60)
        self.books, self.times, self.problems = books, [], []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def step(self, number):
        if number % 10 == 0:
            book = json.dumps({"title": f"Beside {number}", "author": "Me"})
            return 201, self.client.send("POST", "/api/v1/books", book, Content_Type="application/json")
        path = "/api/v1/books" if number % 3 == 0 else f"/api/v1/books/{random.randint(1, self.books)}"
        return 200, self.client.send("GET", path)

    def run(self):
        number = 0
        while not self.ended.is_set():
            start = time.perf_counter()
            wanted, (status, body) = self.step(number)
            self.times.append((time.perf_counter() - start) * 1000)
            if status != wanted:
                self.problems.append(f"the other user got {status} {body[:80]!r}")
            number += 1
            time.sleep(0.05)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join(90)

    def figures(self):
        times = sorted(self.times)
        return (
            f"another user: {len(times)} requests, {len(self.problems)} failed, "
            f"p50 {times[len(times) // 2]:.1f} ms, p99 {times[int(len(times) * 0.99)]:.1f} ms"
        )
