"""What is in earlier.sql, and whether a service still has it."""

import json
import pathlib

FILE = pathlib.Path(__file__).with_name("earlier.sql")
EMAIL, ADMIN = "ann@example.com", "early-admin@example.com"
KEY = "bks_FMmDKD7t_T-aCWv9QAZZf3YAT5t7jam36lQY"


def problems(send):
    """What is not as it was. `send(method, path, body, **headers)` returns the status and the body."""
    found = []

    def get(path, **headers):
        status, body = send("GET", path, None, **headers)
        if status != 200:
            found.append(f"GET {path}: {status} {body[:200]!r}")
            return {"data": [], "pagination": {}}
        return json.loads(body)

    def same(what, now, wanted):
        if now != wanted:
            found.append(f"{what}: {now!r}, not {wanted!r}")

    titles = [book["title"] for book in get("/api/v1/books?sort=title")["data"]]
    same("the titles in order", titles, ["Éclair", "Ender’s Game", "Germinal", "The Left Hand of Darkness"])
    same("a search without accents", [b["id"] for b in get("/api/v1/books?search=zola+emile")["data"]], [1])
    same("the total", get("/api/v1/books")["pagination"].get("total_items"), 4)
    same("the rating", (get("/api/v1/books/1")["data"] or {}).get("rating"), {"average": 5.0, "count": 1})
    shelf = get("/api/v1/shelf", X_API_Key=KEY)["data"]
    same("the shelf", [(e["status"], e["rating"], e["notes"]) for e in shelf],
         [("reading", None, None), ("read", 5, "read in one night")])
    for email in (EMAIL, ADMIN):
        account = json.dumps({"email": email, "password": "correct horse battery"})
        status, body = send("POST", "/api/v1/auth/login", account, Content_Type="application/json")
        same(f"the login of {email}", status, 200)
    book = json.dumps({"title": "Germinal", "author": "Émile Zola", "isbn": "9782070409228"})
    status, body = send("POST", "/api/v1/books", book, Content_Type="application/json", X_API_Key=KEY)
    same("a book with the ISBN of another one", status, 409)
    return found
