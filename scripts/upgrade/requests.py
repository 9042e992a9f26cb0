"""Requests that use every table and every kind of query, as a client of the previous version sends them."""

import base64
import itertools
import json

from clients import Client
from servers import ADMIN, PASSWORD

numbers = itertools.count(1)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
LISTS = (
    "", "?sort=title", "?sort=title&order=desc", "?sort=author", "?sort=year&order=desc", "?sort=rating",
    "?order=desc",
    "?search=upgrade", "?search=up", "?search=z%C3%A9", "?search=9780", "?title=upgrade", "?author=zo%C3%A9",
    "?genre=novel", "?year=1999", "?page=2&per_page=3",
)
SHELVES = ("", "?sort=title", "?sort=author", "?sort=rating", "?sort=finished_on", "?status=read", "/stats")


class Session:
    """The admin on one server, and what was answered with another status than expected."""

    def __init__(self, server):
        self.server, self.problems, self.done = server, [], 0
        self.anonymous = self.client = Client(server.target, server.target.other)
        self.tokens = self.ask(200, "POST", "/auth/login", {"email": ADMIN, "password": PASSWORD})
        if self.tokens is None:
            raise RuntimeError(self.problems[0])
        self.use(self.tokens["access_token"])

    def use(self, token):
        target = self.server.target
        self.client = Client(target, target.other, {"Authorization": f"Bearer {token}"})

    def total(self, search):
        """How many books a search finds."""
        status, answer = self.client.send("GET", f"/api/v1/books?search={search}")
        return json.loads(answer)["pagination"]["total_items"] if status == 200 else -1

    def ask(self, wanted, method, path, value=None, body=None, client=None, **headers):
        if value is not None:
            body = json.dumps(value)
            headers["Content_Type"] = "application/json"
        status, answer = (client or self.client).send(method, f"/api/v1{path}", body, **headers)
        self.done += 1
        if status != wanted:
            self.problems.append(f"{self.server.name}: {method} {path}: {status}, not {wanted}: {answer[:160]!r}")
            return None
        return json.loads(answer).get("data") if answer[:1] == b"{" else None

    def everything(self):
        number = next(numbers)
        book = {"title": f"Upgrade {number}", "author": "Zoé Duc", "genre": "Novel", "year": 1999}
        key = f"upgrade-{number}"
        made = self.ask(201, "POST", "/books", book, Idempotency_Key=key)
        if made is None:
            return
        path = f"/books/{made['id']}"
        again = self.ask(201, "POST", "/books", book, Idempotency_Key=key)
        if again and again["id"] != made["id"]:
            self.problems.append(f"{self.server.name}: a retry made {again['id']}, not {made['id']}")
        self.ask(200, "PATCH", path, {"description": "changed"})
        self.ask(200, "GET", path)
        self.ask(200, "PUT", f"{path}/cover", body=PNG, Content_Type="image/png")
        self.ask(200, "GET", f"{path}/cover")
        self.shelf(made["id"])
        self.account()
        for query in LISTS:
            self.ask(200, "GET", f"/books{query}")
        self.files()
        spare = self.ask(201, "POST", "/books", {**book, "title": "Spare"})
        self.ask(204, "DELETE", f"/books/{spare and spare['id']}")
        self.ask(200, "GET", "/users")

    def shelf(self, book):
        entry = self.ask(201, "POST", "/shelf", {"book_id": book, "status": "read", "rating": 4})
        self.ask(200, "PATCH", f"/shelf/{entry and entry['id']}", {"rating": 5})
        for query in SHELVES:
            self.ask(200, "GET", f"/shelf{query}")

    def account(self):
        self.ask(200, "GET", "/auth/me")
        self.ask(200, "GET", "/auth/sessions")
        key = self.ask(201, "POST", "/api-keys", {"name": "key", "permissions": ["read"]})
        self.ask(204, "DELETE", f"/api-keys/{key and key['id']}")
        user = {"email": f"user{next(numbers)}@example.com", "password": PASSWORD}
        self.ask(201, "POST", "/auth/register", user)
        refresh = {"refresh_token": self.tokens["refresh_token"]}
        self.tokens = self.ask(200, "POST", "/auth/refresh", refresh, client=self.anonymous) or self.tokens

    def files(self):
        rows = f"title,author,status,rating\nImported {next(numbers)},Me,read,3\n"
        self.ask(200, "POST", "/shelf/import", body=rows, Content_Type="text/csv")
        self.ask(200, "GET", "/books/export")
        self.ask(200, "GET", "/shelf/export")
