"""Signing keys and the password of the database are replaced, as docs/operations.md says."""

import base64
import json
import os
import secrets
import subprocess

from ..traffic import traffic
from ..users import User, visitor

KEYS = "deploy/compose.signing-keys.yml"


def run(stack, report, writers):
    signing_keys(stack, report, writers)
    database_password(stack, report, writers)
    redis_password(stack, report, writers)


def signing_keys(stack, report, writers):
    folder = stack.secrets / "jwt_keys"
    folder.mkdir()
    make_key(folder / "first.pem")
    stack.apply(KEYS)
    stack.restart_instances()
    for writer in writers:
        writer.log_in()
    user = User(stack, "keys@example.com")
    old = user.log_in()["access_token"]
    report.equal("the key that signs", key_of(old), "first")

    # The new key must be known to every instance before one signs with it.
    make_key(folder / "second.pem")
    os.utime(folder / "second.pem", (0, 0))
    with traffic(stack, writers) as seen:
        stack.restart_instances()
        os.utime(folder / "second.pem")
        stack.restart_instances()
    report.kept("a second signing key", seen, no_failed_write=False)
    new = user.log_in()["access_token"]
    report.equal("the key that signs", key_of(new), "second")
    report.equal("the token of the old key on six requests", statuses(stack, old), [200] * 6)

    for writer in writers:
        writer.log_in()
    (folder / "first.pem").unlink()
    with traffic(stack, writers) as seen:
        stack.restart_instances()
    report.kept("the old signing key removed", seen)
    report.equal("the token of the old key", statuses(stack, old), [401] * 6)
    report.equal("the token of the new key", statuses(stack, new), [200] * 6)


def make_key(path):
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True)
    path.chmod(0o400)
    os.chown(path, 65532, 65532)


def key_of(token):
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]


def statuses(stack, token):
    """Of six requests, which the proxy spreads over the instances."""
    return [
        visitor(stack).send("GET", "/api/v1/auth/me", Authorization=f"Bearer {token}")[0] for _ in range(6)
    ]


def database_password(stack, report, writers):
    old = (stack.secrets / "postgres_password").read_text().strip()
    new = secrets.token_hex(32)
    with traffic(stack, writers) as seen:
        stack.psql(f"ALTER ROLE bookshelf PASSWORD '{new}'")
        stack.rewrite("postgres_password", new + "\n")
        stack.rewrite("database_url", f"postgres://bookshelf:{new}@postgres:5432/bookshelf\n")
        stack.restart_instances()
    report.kept("another password of the database", seen)
    report.equal("connections with the old and the new one", [connects(stack, old), connects(stack, new)], [False, True])


def connects(stack, password):
    url = f"postgres://bookshelf:{password}@postgres:5432/bookshelf"
    return stack["bookshelf-1"].run("psql", url, "-c", "SELECT 1", check=False).returncode == 0


def redis_password(stack, report, writers):
    old = (stack.secrets / "redis_url").read_text().strip()
    password = secrets.token_hex(32)
    new = f"redis://default:{password}@redis:6379"
    with traffic(stack, writers) as seen:
        stack.rewrite("redis_conf", f"requirepass {password}\n")
        stack.rewrite("redis_url", new + "\n")
        stack["redis"].stop()
        stack["redis"].start()
        stack["redis"].wait_until_healthy()
        stack.restart_instances()
    report.kept("another password of Redis", seen)
    report.equal("answers to the old and the new one", [pings(stack, old), pings(stack, new)], [False, True])


def pings(stack, url):
    return stack["bookshelf-1"].run("redis-cli", "-u", url, "ping", check=False).stdout.strip().endswith("PONG")
