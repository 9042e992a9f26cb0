"""Connections to the server, from chosen addresses."""

import http.client
import json
import socket
import ssl
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """The server, and the first half of the addresses from which clients reach it."""

    host: str
    port: int
    network: str = "127.0"
    # The certificate of the server, if it is reached over TLS.
    certificate: str | None = None

    @property
    def other(self):
        return f"{self.network}.0.2"

    @property
    def hostile(self):
        return f"{self.network}.0.3"

    def address(self, third, fourth):
        return f"{self.network}.{third}.{fourth}"

    def connect(self, source, timeout=60):
        stream = socket.create_connection((self.host, self.port), timeout, (source, 0))
        if self.certificate is None:
            return stream
        context = ssl.create_default_context(cafile=self.certificate)
        return context.wrap_socket(stream, server_hostname=self.host)


class Connection(http.client.HTTPConnection):
    def __init__(self, target, source, timeout):
        super().__init__(target.host, target.port, timeout)
        self.open_stream = lambda: target.connect(source, timeout)

    def connect(self):
        self.sock = self.open_stream()


class Client:
    """Sends requests over one connection, from one address."""

    def __init__(self, target, source, headers=None, timeout=90):
        self.target, self.source, self.headers, self.timeout = target, source, headers or {}, timeout
        self.connection = None

    def send(self, method, path, body=None, **headers):
        """The status and the body; the status is 0 if the server closed the connection."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            if self.connection is None:
                self.connection = Connection(self.target, self.source, self.timeout)
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
