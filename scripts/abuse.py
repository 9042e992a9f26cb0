"""abuse.py: one hostile user sends costly requests of every kind while another user reads.

It starts the release server with its default settings on SQLite, in a cgroup with a limit of memory
if the machine lets it make one, and prints how long the reads of the other user take before and during
the attack, what the attack got, and the memory of the server. It exits with 1 if a read of the other
user failed, if the 99th percentile of its reads grew to more than three times the quiet one, or if the
server was stopped.

All traffic stays on the loopback interface. The users have different addresses of it.
"""

import argparse
import collections
import http.client
import json
import multiprocessing
import os
import pathlib
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

PASSWORD = "correct horse battery"
OTHER, HOSTILE = "127.0.0.2", "127.0.0.3"
MIB = 1 << 20


class Client:
    """Sends requests over one connection, from one address of the loopback interface."""

    def __init__(self, port, source, headers=None, timeout=90):
        self.port, self.source, self.headers, self.timeout = port, source, headers or {}, timeout
        self.connection = None

    def send(self, method, path, body=None, **headers):
        """The status and the body; the status is 0 if the server closed the connection."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    "127.0.0.1", self.port, self.timeout, source_address=(self.source, 0)
                )
            self.connection.request(method, path, body, {**self.headers, **headers})
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return 0, b""

    def json(self, method, path, value):
        return self.send(method, path, json.dumps(value), Content_Type="application/json")

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class Server:
    def __init__(self, program, folder, memory):
        self.program, self.folder = program, folder
        self.log = open(folder / "log", "w+")
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("BOOKSHELF_")},
            "BOOKSHELF_DATA_DIR": str(folder / "data"),
            "BOOKSHELF_LISTEN": "127.0.0.1:0",
            "BOOKSHELF_LOG_FORMAT": "json",
        }
        self.cgroup = make_cgroup(memory)
        self.process = None
        self.port = None

    def run(self, *arguments, text=None):
        subprocess.run(
            [self.program, *arguments], input=text, env=self.environment, text=True, check=True,
            stdout=self.log, stderr=self.log,
        )

    def start(self):
        def join():
            if self.cgroup:
                (self.cgroup / "cgroup.procs").write_text(str(os.getpid()))

        self.process = subprocess.Popen(
            [self.program, "serve"], env=self.environment, stderr=self.log, preexec_fn=join
        )
        while self.port is None:
            time.sleep(0.05)
            for line in open(self.folder / "log"):
                if '"listening"' in line:
                    address = json.loads(line)["address"]
                    self.port = int(address.rsplit(":", 1)[1])

    def memory(self):
        """The resident memory and its peak, in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        if self.cgroup:
            self.cgroup.rmdir()


def make_cgroup(memory):
    """A cgroup with a limit of memory, or None if this machine does not let us make one."""
    for root, name in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        group = pathlib.Path(root) / f"bookshelf-abuse-{os.getpid()}"
        try:
            group.mkdir()
            (group / name).write_text(str(memory * MIB))
            return group
        except OSError:
            if group.exists():
                group.rmdir()
    return None


# What is sent.


def png(width, height, colour, orientation):
    """A PNG of 16 bits per channel with an orientation: small as a file, large when decoded."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    channels = {2: 3, 6: 4}[colour]
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HH", orientation, 0) + b"\0" * 4
    packer = zlib.compressobj(1)
    row = b"\0" + bytes([0, 90] * (width * channels))
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"eXIf", exif)
        + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def files():
    """Reading histories that are costly to read: (media type, content)."""
    goodreads = "Title,Author,Exclusive Shelf,My Review\n"
    storygraph = "Title,Authors,Read Status,Dates Read\n"
    marks = goodreads + f'A,B,read,{"&" * MIB}\n' * 50
    dates = storygraph + f'A,B,read,"{"x," * 500_000}"\n' * 40
    members = "".join(f',"{number}":1' for number in range(90_000))
    rows = f'{{"title":"A","author":"B","status":"read"{members}}}\n' * 40
    return [
        ("text/csv", marks.encode()),
        ("text/csv", dates.encode()),
        ("application/x-ndjson", rows.encode()),
    ]


def read_as_another(port, token, books, seconds, out):
    """The other user: eight reads a second, of four kinds. Sends a list of times for each kind."""
    try:
        # The time that this process waits for a processor does not belong to the server.
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        pass
    client = Client(port, OTHER, {"Authorization": f"Bearer {token}"})
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


# The attacks. Each counts its statuses under its name.


class Attack:
    def __init__(self, port, keys, end, covers):
        self.port, self.keys, self.end, self.covers = port, keys, end, covers
        self.counts = collections.Counter()

    def client(self, source=HOSTILE):
        return Client(self.port, source, {"X-API-Key": random.choice(self.keys)})

    def until_the_end(self, step):
        while time.monotonic() < self.end:
            self.counts[f"{step.__name__}: {step()}"] += 1
            time.sleep(0.02)

    def import_costly_file(self):
        media_type, content = random.choice(files_kept)
        query = random.choice(["", "?dry_run=true"])
        return self.client().send("POST", "/api/v1/shelf/import" + query, content, Content_Type=media_type)[0]

    def import_slowly(self):
        """Trickles the body of an import for as long as the server waits."""
        with socket.create_connection(("127.0.0.1", self.port), 60, (HOSTILE, 0)) as stream:
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
        with socket.create_connection(("127.0.0.1", self.port), 60, (HOSTILE, 0)) as stream:
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
        with socket.create_connection(("127.0.0.1", self.port), 60, (HOSTILE, 0)) as stream:
            stream.sendall(
                f"GET /api/v1/books?search=e&sort=-title&page=3000 HTTP/1.1\r\nHost: x\r\nX-API-Key: "
                f"{random.choice(self.keys)}\r\n\r\n".encode()
            )
            time.sleep(random.random() / 50)
        return "left"

    def log_in_wrongly(self):
        source = f"127.0.{random.randint(1, 200)}.{random.randint(1, 250)}"
        email = random.choice(["other@example.com", "hostile@example.com", "nobody@example.com"])
        client = Client(self.port, source)
        status, _ = client.json("POST", "/api/v1/auth/login", {"email": email, "password": "wrong wrong"})
        client.close()
        return status

    def ask_without_reading(self):
        """Pipelines large pages and reads none of them."""
        with socket.create_connection(("127.0.0.1", self.port), 60, (HOSTILE, 0)) as stream:
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
                stream = socket.create_connection(("127.0.0.1", self.port), 10, (HOSTILE, 0))
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
        book = {"title": f"Hostile {number}", "author": "e" * 255, "description": "e" * 1500}
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
files_kept = []


def attack(port, keys, seconds, covers, out):
    # Real attackers do not use the processor of the server, so this process takes only idle time.
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    files_kept.extend(files())
    attack = Attack(port, keys, time.monotonic() + seconds, covers)

    def run(step):
        try:
            attack.until_the_end(step)
        except OSError as error:
            attack.counts[f"{step.__name__}: {error}"] += 1

    threads = [
        threading.Thread(target=run, args=[getattr(attack, name)], daemon=True)
        for name, count in THREADS.items()
        for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 120)
    out.put(attack.counts)


# The run.


def in_a_process(function, *arguments):
    out = multiprocessing.Queue()
    process = multiprocessing.Process(target=function, args=[*arguments, out], daemon=True)
    process.start()
    return out


def prepare(server, books):
    """Books, a shelf of 300 entries for the other user, and accounts. Returns a token and keys."""
    words = [f"word{number}" for number in range(1, 901)]
    source = server.folder / "books.csv"
    with source.open("w") as file:
        file.write("title,author,genre,year\n")
        for number in range(books):
            title = f"The {random.choice(words)} and the {random.choice(words)} {number}"
            file.write(f"{title},Author {number % 5000},Novel,{1900 + number % 120}\n")
    server.run("import", str(source))
    server.run("admin", "create", "--email", "admin@example.com", "--password-stdin", text=PASSWORD + "\n")
    server.start()
    tokens = []
    for name, address in (("other", OTHER), ("hostile", HOSTILE)):
        client = Client(server.port, address)
        account = {"email": f"{name}@example.com", "password": PASSWORD}
        client.json("POST", "/api/v1/auth/register", account)
        status, body = client.json("POST", "/api/v1/auth/login", account)
        assert status == 200, body
        tokens.append(json.loads(body)["data"]["access_token"])
    other = Client(server.port, OTHER, {"Authorization": f"Bearer {tokens[0]}"})
    shelf = "title,author,status,rating\n" + "".join(f"Mine {n},Me,read,{n % 5 + 1}\n" for n in range(300))
    status, body = other.send("POST", "/api/v1/shelf/import", shelf, Content_Type="text/csv")
    assert status == 200, body
    hostile = Client(server.port, HOSTILE, {"Authorization": f"Bearer {tokens[1]}"})
    keys = []
    for number in range(20):
        key = {"name": f"key {number}", "permissions": ["read", "write"]}
        status, body = hostile.json("POST", "/api/v1/api-keys", key)
        assert status == 201, body
        keys.append(json.loads(body)["data"]["key"])
    return tokens[0], keys


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default="target/release/bookshelf")
    parser.add_argument("--seconds", type=int, default=600, help="length of the attack")
    parser.add_argument("--quiet", type=int, default=60, help="length of the quiet reads before it")
    parser.add_argument("--memory", type=int, default=512, help="limit of the server's memory in MiB")
    parser.add_argument("--books", type=int, default=100_000)
    parser.add_argument("--covers", help="a folder with further images that the attack uploads")
    options = parser.parse_args()
    covers = [png(6000, 6600, 2, 6), png(6000, 6600, 6, 6)]
    if options.covers:
        covers += [path.read_bytes() for path in sorted(pathlib.Path(options.covers).iterdir())]

    with tempfile.TemporaryDirectory(prefix="bookshelf-abuse-") as folder:
        server = Server(options.program, pathlib.Path(folder), options.memory)
        token, keys = prepare(server, options.books)
        print(f"memory after the preparation: {server.memory()[0]:.0f} MiB", flush=True)
        quiet, _ = in_a_process(read_as_another, server.port, token, options.books, options.quiet).get()
        attacked = in_a_process(attack, server.port, keys, options.seconds, covers)
        time.sleep(2)
        under_attack = in_a_process(
            read_as_another, server.port, token, options.books, options.seconds - 4
        )
        end = time.monotonic() + options.seconds
        while time.monotonic() < end and server.process.poll() is None:
            time.sleep(min(15, max(0, end - time.monotonic())))
            if server.process.poll() is None:
                print("memory {:.0f} MiB, peak {:.0f} MiB".format(*server.memory()), flush=True)
        stopped = server.process.poll()
        if stopped is not None:
            print(f"the server ended: {stopped}")
            return 1
        times, failures = under_attack.get(timeout=120)
        counts = attacked.get(timeout=180)
        peak = server.memory()[1]
        server.stop()
        panics = [line for line in open(pathlib.Path(folder) / "log") if "panic" in line]

    slower = 0
    print("\n| read of the other user | quiet p50, p99 (ms) | attacked p50, p99 (ms) | ratio of p99 |")
    print("|---|---|---|---|")
    for kind in quiet:
        before, during = ([percentile(t[kind], p) for p in (0.5, 0.99)] for t in (quiet, times))
        ratio = during[1] / before[1]
        slower += ratio > 3
        print(f"| {kind} | {before[0]:.1f}, {before[1]:.1f} | {during[0]:.1f}, {during[1]:.1f} | {ratio:.1f} |")
    print(f"\nfailed reads of the other user: {len(failures)} of {sum(map(len, times.values()))}")
    print("".join(f"  {failure}\n" for failure in failures[:10]), end="")
    limit = f"a limit of {options.memory} MiB" if server.cgroup else "no limit"
    print(f"peak memory: {peak:.0f} MiB with {limit}; panics: {len(panics)}")
    for name, count in sorted(counts.items()):
        print(f"  {name} × {count}")
    return int(bool(failures or slower or panics))


if __name__ == "__main__":
    sys.exit(main())
