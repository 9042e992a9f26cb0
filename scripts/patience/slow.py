"""Readers and senders who take their time, while another user is served."""

import asyncio
import collections
import socket

from . import measure
from .bystander import Bystander

REST = 0.25
PAGE = b"GET /api/v1/books?per_page=100 HTTP/1.1\r\nHost: x\r\n\r\n"


async def connect(server, number):
    """A connection with a small buffer, from one of many addresses."""
    target = server.target
    stream = socket.socket()
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stream.setblocking(False)
    stream.bind((target.address(10 + number % 40, 1), 0))
    await asyncio.get_running_loop().sock_connect(stream, (target.host, target.port))
    return stream


async def read_slowly(server, number, counts, end):
    """Reads pages of a hundred books in small pieces."""
    loop = asyncio.get_running_loop()
    try:
        with await connect(server, number) as stream:
            await loop.sock_sendall(stream, PAGE * 8)
            while loop.time() < end:
                piece = await asyncio.wait_for(loop.sock_recv(stream, 512), 60)
                if not piece:
                    counts["closed by the server"] += 1
                    return
                counts["bytes"] += len(piece)
                await asyncio.sleep(REST)
            counts["still reading"] += 1
    except (OSError, TimeoutError, asyncio.TimeoutError) as error:
        counts[type(error).__name__] += 1


async def send_slowly(server, number, token, counts, end):
    """Sends the body of a book byte by byte, until the server has had enough."""
    loop = asyncio.get_running_loop()
    head = (
        f"POST /api/v1/books HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    )
    try:
        with await connect(server, number) as stream:
            await loop.sock_sendall(stream, head.encode())
            while loop.time() < end:
                await loop.sock_sendall(stream, b" ")
                try:
                    answer = await asyncio.wait_for(loop.sock_recv(stream, 4096), REST)
                    counts[answer[9:12].decode() or "closed"] += 1
                    return
                except asyncio.TimeoutError:
                    pass
            counts["still sending"] += 1
    except OSError as error:
        counts[type(error).__name__] += 1


async def all_of(server, token, readers, senders, seconds):
    reading, sending = collections.Counter(), collections.Counter()
    end = asyncio.get_running_loop().time() + seconds
    await asyncio.gather(
        *(read_slowly(server, number, reading, end) for number in range(readers)),
        *(send_slowly(server, number, token, sending, end) for number in range(senders)),
    )
    return reading, sending


def run(server, table, token, books, readers, senders, seconds):
    def part():
        with Bystander(server, token, books) as other:
            reading, sending = asyncio.run(all_of(server, token, readers, senders, seconds))
        problems = other.problems
        if reading["still reading"] < readers:
            problems.append(f"readers: {dict(reading)}")
        return f"readers {dict(reading)}, senders {dict(sending)}; {other.figures()}", problems

    table.row(f"{readers:,} slow readers and {senders:,} slow senders", *measure.rounds(server, part))
