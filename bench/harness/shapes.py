"""The shapes of requests that are measured. Each one knows its requests and their right answers."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from . import catalogue
from .catalogue import COUNTED, PAGE, isbn
from .load import CLIENTS, CONNECTIONS, http, write_requests, wrk
from .processes import Failed, request

BOOKS = "/api/v1/books"
SHELF = "/api/v1/shelf"
BOTH = ("sqlite", "postgres")


class Shape:
    """One kind of requests. A wrong answer raises `Failed`, which voids the row."""

    single = False  # whether one client alone is measured too
    connections = CONNECTIONS
    writes = False

    def __init__(self, key, title, subjects):
        self.key, self.title, self.subjects = key, title, subjects

    def measure(self, server, run, seconds, connections, alone=True):
        """Checks the answers, sends requests for some seconds, and checks the answers again. Not
        `alone` means that the server does other work meanwhile."""
        self.check(server)
        path = run.folder / f"{server.name}.requests"
        write_requests(path, self.requests(server))
        first = run.next_isbn
        measured = wrk(server.port, seconds, connections, "requests.lua", path, first)
        run.next_isbn += measured["requests"] + connections if self.writes else 0
        if measured["fault"]:
            raise Failed(measured["fault"])
        if alone:
            server.wait_until_idle()
        self.check(server, measured["requests"])
        return measured


def equal(what, got, expected):
    if got != expected:
        raise Failed(f"{what}: {str(got)[:200]} instead of {str(expected)[:200]}")


class OneBook(Shape):
    single = True

    def __init__(self, books):
        super().__init__(
            "one-book", "one book", ("constant", "sqlite", "postgres", "pgbench", "usual")
        )
        self.ids = random.Random(2).choices(range(1, books + 1), k=10_000)

    def requests(self, _):
        return [http("GET", f"{BOOKS}/{id}") for id in self.ids]

    def check(self, server, _=None):
        if server.name == "constant":
            return
        for id in self.ids[:20]:
            equal("ISBN", server.get(f"{BOOKS}/{id}")["data"]["isbn"], isbn(978, id - 1))


@dataclass
class Page:
    """What a page must contain. `keys` has what `key` returns of each of its books."""

    keys: list
    key: Callable = lambda book: book["isbn"]
    total: int | None = None
    filtered: bool = False

    def check(self, server, answer):
        equal("books of the page", [self.key(book) for book in answer["data"]], self.keys)
        pagination, total = answer["pagination"], self.total
        if total is None:
            return
        if self.filtered and server.name != "usual":
            equal("total_is_exact", pagination["total_is_exact"], total <= COUNTED)
            total = min(total, COUNTED)
        equal("total", pagination["total_items"], total)


class List(Shape):
    single = True

    def __init__(self, key, title, query, page, peer=False, path=BOOKS):
        """`query` is a text, or a function that returns it for a server."""
        super().__init__(key, title, (*BOTH, "usual") if peer else BOTH)
        self.query, self.page, self.path = query, page, path

    def address(self, server):
        query = self.query(server) if callable(self.query) else self.query
        return f"{self.path}?{query}" if query else self.path

    def headers(self, server, client):
        if self.path == SHELF:
            return {"Authorization": f"Bearer {server.readers[client % len(server.readers)]}"}
        return {}

    def requests(self, server):
        path = self.address(server)
        return [
            http("GET", path, self.headers(server, client), client=client)
            for client in range(CLIENTS)
        ]

    def check(self, server, _=None):
        self.page.check(server, server.get(self.address(server), self.headers(server, 0)))


class NewBooks:
    """Books to create. wrk gives each an ISBN of its own."""

    def __init__(self):
        self.rows = list(catalogue.rows(1000, prefix=979, seed=3))

    def request(self, server, number, client):
        title, author, _, _, year, _ = self.rows[number % len(self.rows)]
        book = {
            "title": title,
            "author": author,
            "isbn": "#" * 13,
            "genre": "Software",
            "year": int(year or 2008),
        }
        body = json.dumps(book, ensure_ascii=False)
        headers = {"Authorization": f"Bearer {server.token}"}
        return http("POST", BOOKS, headers, body, client)


def count_books(server):
    return server.get(f"{BOOKS}?per_page=1")["pagination"]["total_items"]


class Counted(Shape):
    """A shape that creates books. Afterwards there must be as many more as requests created them;
    some were under way when wrk stopped."""

    writes = True
    share = 1.0

    def check(self, server, requests=None):
        total = count_books(server)
        if requests is not None:
            made, expected = total - server.books, requests * self.share
            slack = CONNECTIONS + len(str(requests))
            if not expected - slack <= made <= expected + slack:
                raise Failed(f"{made} books were created by {requests} requests")
        server.books = total


class Create(Counted):
    def __init__(self):
        super().__init__(
            "create", "create a book", ("sqlite", "raw_writer", "postgres", "pgbench", "usual")
        )
        self.new = NewBooks()

    def requests(self, server):
        return [self.new.request(server, number, None) for number in range(1000)]


class Mix(Counted):
    share = 0.01

    def __init__(self, books):
        super().__init__(
            "mix", "mix: 90 % one book, 8 % page, 1 % search, 1 % create", (*BOTH, "usual")
        )
        self.new, self.books = NewBooks(), books

    def requests(self, server):
        rng = random.Random(4)
        kinds = ["one"] * 9000 + ["page"] * 800 + ["search"] * 100 + ["create"] * 100
        rng.shuffle(kinds)
        for number, kind in enumerate(kinds):
            client = number % CLIENTS
            if kind == "one":
                yield http("GET", f"{BOOKS}/{rng.randint(1, self.books)}", client=client)
            elif kind == "page":
                yield http("GET", BOOKS, client=client)
            elif kind == "search":
                yield http("GET", f"{BOOKS}?search={catalogue.SOME}", client=client)
            else:
                yield self.new.request(server, number, client)


class Update(Shape):
    """Each request changes a book with the tag that the last change of that book brought."""

    POOL = 512

    def __init__(self):
        super().__init__("update", "change a book, with If-Match", BOTH)

    def measure(self, server, run, seconds, connections):
        before = self.tags(server)
        path = run.folder / f"{server.name}.tags"
        path.write_text("".join(f"{id} {tag}\n" for id, tag in before.items()), encoding="ascii")
        measured = wrk(server.port, seconds, connections, "update.lua", path, server.token)
        if measured["fault"]:
            raise Failed(measured["fault"])
        after = self.tags(server)
        changed = sum(before[id] != after[id] for id in before)
        least = min(self.POOL, measured["requests"])
        if changed < least:
            raise Failed(f"{changed} of {least} books have another entity tag")
        return measured

    def tags(self, server):
        tags = {}
        for id in range(1, self.POOL + 1):
            status, headers, _ = request(server.port, "HEAD", f"{BOOKS}/{id}")
            equal("status", status, 200)
            tags[id] = headers["ETag"]
        return tags


def pages(books):
    """Pages of the whole list, newest first."""
    newest = range(books - 1, -1, -1)

    def page(start, total=None):
        return Page([isbn(978, number) for number in newest[start : start + PAGE]], total=total)

    def uncounted(server):
        # The usual service always counts.
        return "" if server.name == "usual" else "count=none"

    def after_most(server):
        last_read = server.get(f"{BOOKS}?page={deep // PAGE}")
        return f"cursor={last_read['pagination']['next_cursor']}"

    deep = books * 9 // 10 // PAGE * PAGE
    made = [
        List("page", "page of 20 with total", "", page(0, books), peer=True),
        List("page-uncounted", "the same without total", uncounted, page(0)),
        List("cursor", "page by cursor, at 90 % of the list", after_most, page(deep)),
    ]
    if books >= 4000 * PAGE:
        far = page(3999 * PAGE, books)
        made.append(List("page-4000", "page 4,000 with total", "page=4000", far, peer=True))
    return made


def searches(path):
    wanted = [
        ("word-some", "word in 2 % of titles, with total", [catalogue.SOME]),
        ("word-rare", "word in 10 titles", [catalogue.RARE]),
        ("word-half", "word in half of all titles", [catalogue.HALF]),
        ("two-letters", "two letters", [catalogue.LETTERS]),
        ("two-words", "two words", [catalogue.HALF, catalogue.SOME]),
    ]
    found = catalogue.expect_searches(path, [words for *_, words in wanted])
    for (key, title, words), matches in zip(wanted, found, strict=True):
        page = Page(matches.first, total=matches.total, filtered=True)
        yield List(key, title, "search=" + "+".join(words), page, peer=True)


def sorts(path, books):
    """Every sort in both directions, but for the default one, which `page` is."""
    for sort in ("title", "author", "year", "rating", "created_at"):
        for order in ("asc",) if sort == "created_at" else ("asc", "desc"):
            keys = catalogue.expect_sort(path, sort, order == "desc")
            page = Page(keys, book_key(sort), books)
            title, query = f"sorted by {sort}, {order}", f"sort={sort}&order={order}"
            yield List(f"sort-{sort}-{order}", title, query, page)


def shelf(books):
    entries = min(books, catalogue.SHELF)
    keys = [isbn(978, number) for number in range(entries - 1, entries - 1 - PAGE, -1)]
    page = Page(keys, lambda entry: entry["book"]["isbn"], entries)
    made = List("shelf", f"page of a shelf of {entries:,}, 48 clients", "", page, path=SHELF)
    # A user may have no more than 51 lists under way.
    made.connections = 48
    return made


def book_key(sort):
    return {
        "title": lambda book: catalogue.plain(book["title"]),
        "author": lambda book: catalogue.plain(book["author"]),
        "year": lambda book: book["year"],
        "rating": lambda book: book["rating"]["average"],
        "created_at": lambda book: int(book["isbn"][3:12]),
    }[sort]


def shapes(path, books):
    """All shapes. Those that change the catalogue come last."""
    reads = [OneBook(books), *pages(books), *searches(path), *sorts(path, books), shelf(books)]
    return [*reads, Create(), Update(), Mix(books)]
