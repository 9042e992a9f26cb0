"""Clients that leave after each byte of a request, and after each byte of an answer."""

import socket
import struct
from concurrent.futures import ThreadPoolExecutor

from . import measure
from .bystander import Bystander

SHELF = "title,author,status\nLeft,Somebody,read\nLeft 2,Somebody,read\n"


def requests(token):
    book = '{"title": "Left", "author": "Somebody", "description": "who leaves"}'
    head = f"Host: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n"
    chunked = f"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n{len(book):x}\r\n{book}\r\n0\r\n\r\n"
    return {
        "GET": f"GET /api/v1/books?per_page=2 HTTP/1.1\r\n{head}\r\n",
        "POST": f"POST /api/v1/books HTTP/1.1\r\n{head}Content-Type: application/json\r\n"
                f"Content-Length: {len(book)}\r\n\r\n{book}",
        "chunked": f"POST /api/v1/books HTTP/1.1\r\n{head}{chunked}",
        "import": f"POST /api/v1/shelf/import HTTP/1.1\r\n{head}Content-Type: text/csv\r\n"
                  f"Content-Length: {len(SHELF)}\r\n\r\n{SHELF}",
    }


def leave(server, request, sent, received, abruptly):
    """Sends so many bytes and reads so many, then leaves, with a reset if abruptly."""
    with server.target.connect(server.target.address(50, 1 + (sent + received) % 200), 30) as stream:
        if abruptly:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        try:
            stream.sendall(request[:sent])
            while received > 0:
                piece = stream.recv(received)
                received -= len(piece) or received
        except OSError:
            pass


def length_of_answer(server, request):
    with server.target.connect(server.target.address(50, 250), 30) as stream:
        stream.sendall(request)
        return len(stream.recv(65536))


def run(server, table, token, books):
    sent = 0

    def part():
        nonlocal sent
        sent = 0
        with Bystander(server, token, books) as other:
            for text in requests(token).values():
                sent += leave_at_every_byte(server, text.encode())
        problems = other.problems
        broken = server.logged('"status":500') + server.panics()
        if broken:
            problems.append(f"{broken} panics or errors in the log")
        return other.figures(), problems

    figures, problems = measure.rounds(server, part)
    table.row(f"{sent:,} clients that left at any byte", figures, problems)


def leave_at_every_byte(server, request):
    """Returns how many clients left."""
    answer = length_of_answer(server, request)
    places = [(sent, 0) for sent in range(len(request))]
    places += [(len(request), received) for received in range(answer)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda place: leave(server, request, *place, sum(place) % 2 == 0), places))
    return len(places)
