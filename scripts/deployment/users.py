"""Accounts of clients. Each has an address of its own, as rate limits count by address."""

import itertools
import json

from clients import Client

from .stack import ADMIN, PASSWORD

JSON = {"Content_Type": "application/json"}
numbers = itertools.count(1)


def address(target):
    number = next(numbers)
    return target.address(1 + number // 250, 1 + number % 250)


class Failed(Exception):
    """A request was not answered as it should be."""


def expect(wanted, answer):
    """The JSON of an answer with the wanted status."""
    status, body = answer
    if status != wanted:
        raise Failed(f"status {status}, not {wanted}: {body[:300]!r}")
    return json.loads(body) if body else None


class User:
    """A client with a session."""

    def __init__(self, stack, email, register=True):
        self.email = email
        # Hashing a password has the lowest priority, so it takes long on a busy machine.
        self.client = Client(stack.target(), address(stack.target()))
        if register:
            expect(201, self.client.json("POST", "/api/v1/auth/register", self.credentials()))
        self.log_in()

    def credentials(self):
        return {"email": self.email, "password": PASSWORD}

    def log_in(self):
        # nginx closes connections that were idle for long.
        self.client.close()
        data = expect(200, self.client.json("POST", "/api/v1/auth/login", self.credentials()))["data"]
        self.use(data["access_token"])
        return data

    def use(self, token):
        self.client.headers["Authorization"] = f"Bearer {token}"

    def get(self, path):
        return expect(200, self.client.send("GET", path))["data"]

    def add_book(self, title):
        book = {"title": title, "author": "Deployment"}
        return expect(201, self.client.json("POST", "/api/v1/books", book))["data"]


def admin(stack):
    return User(stack, ADMIN, register=False)


def visitor(stack, timeout=20):
    """A client without credentials."""
    return Client(stack.target(), address(stack.target()), timeout=timeout)
