"""Many mixed requests over 32 connections, by wrk."""

import json
import pathlib
import random
import subprocess
import time

from . import measure

LUA = pathlib.Path(__file__).resolve().parents[2] / "bench/lua/requests.lua"
# How long wrk runs between two samples.
SECONDS = 5
# Lower ones are ISMNs.
FIRST_ISBN = 100_000_000


def requests(token, books):
    """One hundred requests: reads of every kind, and eight writes."""
    head = f"Host: localhost\r\nAuthorization: Bearer {token}\r\n"
    paths = ["/api/v1/books", "/api/v1/books?sort=title&page=3", "/api/v1/shelf", "/api/v1/auth/me", "/health"]
    for number in range(92):
        path = paths[number // 3 % 5] if number % 3 == 0 else f"/api/v1/books/{random.randint(1, books)}"
        if number % 10 == 5:
            path = f"/api/v1/books?search=word{random.randint(1, 900)}"
        yield f"GET {path} HTTP/1.1\r\n{head}\r\n"
    for number in range(4):
        body = '{"title": "Patience", "author": "Me", "isbn": "#############"}'
        yield f"POST /api/v1/books HTTP/1.1\r\n{head}{body_head(body)}{body}"
        body = f'{{"genre": "Genre {number}"}}'
        path = f"/api/v1/books/{random.randint(1, books)}"
        yield f"PATCH {path} HTTP/1.1\r\n{head}{body_head(body)}{body}"


def body_head(body):
    return f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"


def wrk(server, file, first):
    url = f"http://127.0.0.1:{server.target.port}"
    # One thread, because each thread would begin with the same ISBN.
    command = ["wrk", "-t1", "-c32", f"-d{SECONDS}s", "--timeout", "30s", "-s", LUA, url, "--", file, str(first)]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    line = next(line for line in output.splitlines() if line.startswith("RESULT "))
    return json.loads(line.removeprefix("RESULT "))


def send(server, token, books, count):
    """How many were sent and how many failed, and samples of the server after the first tenth."""
    file = server.folder / "requests"
    texts = list(requests(token, books))
    random.shuffle(texts)
    file.write_text("".join(f"{len(text)}\n{text}" for text in texts))
    sent, errors, samples, kept = 0, 0, [], []
    while sent < count:
        # ISBNs are never used twice: a POST is at most a twentieth of the requests.
        result = wrk(server, file, FIRST_ISBN + sent // 20 + len(samples))
        # The connections of wrk must be closed.
        time.sleep(1)
        sent += result["requests"]
        errors += result["status"] + result["socket"] + result["timeout"]
        samples.append(measure.sample(server))
        if sent > count / 10:
            kept.append(samples[-1])
    return sent, errors, kept


def run(server, table, token, books, count):
    """The first tenth of the requests is the warm-up."""
    sent, errors, kept = send(server, token, books, count)
    third = max(1, len(kept) // 3)
    before, after = measure.middle(kept[:third]), measure.middle(kept[-third:])
    problems = measure.growth(before, after)
    if errors:
        problems.append(f"{errors} requests failed")
    table.row(f"{sent:,} mixed requests", f"{errors} failed; after the warm-up {before}; at the end {after}", problems)
