"""Connections that were used once and then do nothing."""

import socket
import time

from . import measure
from .bystander import Bystander

REQUEST = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


def run(server, table, token, books, count):
    def part():
        before = server.memory()[0]
        problems = []
        with Bystander(server, token, books) as other:
            held = [connect(server, number, problems) for number in range(count)]
            # Long enough for the other user to be served beside them.
            time.sleep(5)
            open_now = sum(is_open(stream) for stream in held)
            each = (server.memory()[0] - before) * 1024 / count
        for stream in held:
            stream.close()
        if open_now < count:
            problems.append(f"only {open_now} stayed open")
        return f"{open_now} open at once, {each:.1f} KiB more for each; {other.figures()}", problems + other.problems

    table.row(f"{count:,} idle connections", *measure.rounds(server, part))


def connect(server, number, problems):
    """A connection that was used once."""
    stream = server.target.connect(server.target.address(60 + number // 250, 1 + number % 250), 30)
    stream.sendall(REQUEST)
    if b" 200 " not in stream.recv(4096)[:20]:
        problems.append(f"connection {number} was not answered")
    return stream


def is_open(stream):
    stream.setblocking(False)
    try:
        return stream.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
