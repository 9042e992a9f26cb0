"""The service through the proxy, over TLS."""

import json
import subprocess

from ..network import PROXY
from ..stack import HOST
from ..users import User, address, admin, expect, visitor
from clients import Client
from abuse.content import png


def run(stack, report):
    redirect = curl(f"http://{PROXY}:8080/api/v1/books?page=2", "%{http_code} %{redirect_url}")
    report.equal("without TLS", redirect, f"308 https://{PROXY}/api/v1/books?page=2")
    certificate = stack.secrets / "tls_certificate"
    protocol = curl(f"https://{HOST}:8443/health", "%{http_code} HTTP/%{http_version}", "--cacert", certificate)
    report.equal("with TLS", protocol, "200 HTTP/2")
    user = User(stack, "smoke@example.com")
    books(stack, user, report)
    limits(stack, report)
    log_has_address_of(stack, user, report)
    metrics(stack, report)
    report.equal("an admin", admin(stack).get("/api/v1/auth/me")["role"], "admin")


def curl(url, form, *options):
    command = ["curl", "--silent", "--output", "/dev/null", "--write-out", form, *options, url]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout


def books(stack, user, report):
    """A book with a cover and a rating, which every instance shows."""
    book = user.add_book("The Dispossessed")
    path = f"/api/v1/books/{book['id']}"
    status, _ = user.client.send("PUT", f"{path}/cover", png(60, 90, 2, 1), Content_Type="image/png")
    entry = {"book_id": book["id"], "status": "read", "rating": 5}
    expect(201, user.client.json("POST", "/api/v1/shelf", entry))
    seen = [
        json.loads(instance.run("curl", "--silent", f"http://127.0.0.1:8080{path}").stdout)["data"]
        for instance in stack.instances
    ]
    report.equal("a book with its rating on each instance", [each["rating"]["average"] for each in seen], [5.0] * 3)
    covers = [visitor(stack).send("GET", f"{path}/cover")[0] for _ in range(6)]
    report.equal("its cover", [status, *covers], [200] * 7)


def limits(stack, report):
    """All instances count together, by the address of the client."""
    target = stack.target()
    client = Client(target, address(target))
    wrong = {"email": "nobody@example.com", "password": "wrong wrong"}
    statuses = [client.json("POST", "/api/v1/auth/login", wrong)[0] for _ in range(6)]
    report.equal("six logins of one address", statuses, [401] * 5 + [429])
    other = Client(target, address(target), {"X-Forwarded-For": client.source, "Forwarded": f"for={client.source}"})
    report.equal("a login of another address", other.json("POST", "/api/v1/auth/login", wrong)[0], 401)


def metrics(stack, report):
    """The inner network can read them, and clients cannot."""
    port = stack["bookshelf-1"].service.environment["BOOKSHELF_METRICS_LISTEN"].rsplit(":", 1)[1]
    found = stack["proxy"].run("curl", "--silent", f"http://bookshelf-1:{port}/metrics").stdout
    inside = "http_server_request_duration_seconds_count" in found
    report.equal("metrics for the inner network, and for clients", [inside, visitor(stack).send("GET", "/metrics")[0]], [True, 404])


def log_has_address_of(stack, user, report):
    logs = "".join(instance.log.read_text() for instance in stack.instances)
    audits = [json.loads(line) for line in logs.splitlines() if '"audit"' in line and line.startswith("{")]
    addresses = {(line.get("address") or line.get("span", {}).get("address")) for line in audits}
    report.check("the audit trail has the client's address", user.client.source in addresses, user.client.source,
                 map(str, sorted(map(str, addresses))[:5]))
