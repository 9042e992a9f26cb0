"""What both users have before the attack."""

import json
import random

from clients import Client

PASSWORD = "correct horse battery"


def add_books(server, count):
    """Adds books whose titles have the words word1 to word900."""
    source = server.folder / "books.csv"
    write_books(source, count)
    server.run("import", str(source))


def write_books(path, count):
    words = [f"word{number}" for number in range(1, 901)]
    with path.open("w") as file:
        file.write("title,author,genre,year\n")
        for number in range(count):
            title = f"The {random.choice(words)} and the {random.choice(words)} {number}"
            file.write(f"{title},Author {number % 5000},Novel,{1900 + number % 120}\n")


def make_accounts(target):
    """A shelf of 300 entries for the other user. Returns its token, and keys of the hostile user."""
    tokens = []
    for name, address in (("other", target.other), ("hostile", target.hostile)):
        client = Client(target, address)
        account = {"email": f"{name}@example.com", "password": PASSWORD}
        client.json("POST", "/api/v1/auth/register", account)
        status, body = client.json("POST", "/api/v1/auth/login", account)
        assert status == 200, body
        tokens.append(json.loads(body)["data"]["access_token"])
    other = Client(target, target.other, {"Authorization": f"Bearer {tokens[0]}"})
    shelf = "title,author,status,rating\n" + "".join(f"Mine {n},Me,read,{n % 5 + 1}\n" for n in range(300))
    status, body = other.send("POST", "/api/v1/shelf/import", shelf, Content_Type="text/csv")
    assert status == 200, body
    hostile = Client(target, target.hostile, {"Authorization": f"Bearer {tokens[1]}"})
    keys = []
    for number in range(20):
        key = {"name": f"key {number}", "permissions": ["read", "write"]}
        status, body = hostile.json("POST", "/api/v1/api-keys", key)
        assert status == 201, body
        keys.append(json.loads(body)["data"]["key"])
    return tokens[0], keys
