"""The attacks. Each counts its statuses under its name."""

import collections
import os
import random
import threading
import time

from . import content
from clients import Client


class Attack:
    def __init__(self, target, keys, end, covers):
        self.target, self.keys, self.end, self.covers = target, keys, end, covers
        self.files = content.files()
        self.counts = collections.Counter()

    def client(self):
        return Client(self.target, self.target.hostile, {"X-API-Key": random.choice(self.keys)})

    def connect(self, timeout=60):
        return self.target.connect(self.target.hostile, timeout)

    def until_the_end(self, step):
        while time.monotonic() < self.end:
            try:
                outcome = step()
            except OSError as error:
                outcome = error
            self.counts[f"{step.__name__}: {outcome}"] += 1
            time.sleep(0.02)

    def import_costly_file(self):
        media_type, file = random.choice(self.files)
        query = random.choice(["", "?dry_run=true"])
        return self.client().send("POST", "/api/v1/shelf/import" + query, file, Content_Type=media_type)[0]

    def import_slowly(self):
        """Trickles the body of an import for as long as the server waits."""
        with self.connect() as stream:
            stream.settimeout(60)
            stream.sendall(
                f"POST /api/v1/shelf/import HTTP/1.1\r\nHost: x\r\nX-API-Key: {random.choice(self.keys)}"
                "\r\nContent-Type: text/csv\r\nContent-Length: 60000000\r\n\r\n"
                "Title,Author,Exclusive Shelf\n".encode()
            )
            try:
                while time.monotonic() < self.end:
                    stream.sendall(b"A,B,read\n")
                    time.sleep(0.5)
                return "ended by us"
            except OSError:
                return "closed by the server"

    def export_without_reading(self):
        with self.connect() as stream:
            stream.sendall(
                f"GET /api/v1/books/export HTTP/1.1\r\nHost: x\r\nX-API-Key: {random.choice(self.keys)}"
                "\r\n\r\n".encode()
            )
            time.sleep(max(0, min(20, self.end - time.monotonic())))
        return "left"

    def upload_cover(self):
        cover = random.choice(self.covers)
        path = f"/api/v1/books/{random.randint(1, 50)}/cover"
        return self.client().send("PUT", path, cover)[0]

    def search_and_stay(self):
        page = random.choice(["", "&page=100000", "&page=4000", "&sort=title&genre=Novel"])
        word = random.choice(["e", "a", "word", "th", "zzzz", "e a o i"])
        return self.client().send("GET", f"/api/v1/books?search={word.replace(' ', '+')}{page}")[0]

    def search_and_leave(self):
        with self.connect() as stream:
            stream.sendall(
                f"GET /api/v1/books?search=e&sort=-title&page=3000 HTTP/1.1\r\nHost: x\r\nX-API-Key: "
                f"{random.choice(self.keys)}\r\n\r\n".encode()
            )
            time.sleep(random.random() / 50)
        return "left"

    def log_in_wrongly(self):
        source = self.target.address(random.randint(1, 200), random.randint(1, 250))
        email = random.choice(["other@example.com", "hostile@example.com", "nobody@example.com"])
        client = Client(self.target, source)
        status, _ = client.json("POST", "/api/v1/auth/login", {"email": email, "password": "wrong wrong"})
        client.close()
        return status

    def ask_without_reading(self):
        """Pipelines large pages and reads none of them."""
        with self.connect() as stream:
            request = (
                "GET /api/v1/books?per_page=100 HTTP/1.1\r\nHost: x\r\nX-API-Key: "
                f"{random.choice(self.keys)}\r\n\r\n"
            )
            try:
                stream.settimeout(5)
                stream.sendall(request.encode() * 50)
            except OSError:
                return "closed by the server"
            time.sleep(max(0, min(20, self.end - time.monotonic())))
        return "left"

    def hold_connections(self):
        held = []
        try:
            for _ in range(200):
                stream = self.connect(10)
                stream.sendall(random.choice([b"GET /api/v1/bo", b"POST /api/v1/books HTTP/1.1\r\nHost: x\r\n"]))
                held.append(stream)
            time.sleep(max(0, min(15, self.end - time.monotonic())))
            return "held"
        except OSError:
            return "closed by the server"
        finally:
            for stream in held:
                stream.close()

    def write(self):
        number = random.randint(0, 10**9)
        book = {"title": f"Hostile {number}", "author": "e" * 200, "description": "e" * 1500}
        return self.client().json("POST", "/api/v1/books", book)[0]


THREADS = {
    "import_costly_file": 4,
    "import_slowly": 4,
    "export_without_reading": 4,
    "upload_cover": 6,
    "search_and_stay": 6,
    "search_and_leave": 2,
    "log_in_wrongly": 8,
    "ask_without_reading": 2,
    "hold_connections": 1,
    "write": 1,
}


def attack(target, keys, seconds, covers, out):
    # Real attackers do not use the processor of the server, so this process takes only idle time.
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    attack = Attack(target, keys, time.monotonic() + seconds, covers)

    threads = [
        threading.Thread(target=attack.until_the_end, args=[getattr(attack, name)], daemon=True)
        for name, count in THREADS.items()
        for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 120)
    out.put(attack.counts)
