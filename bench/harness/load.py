"""wrk, the load generator."""

import json
import shutil

from .processes import HOST, REPOSITORY, Failed, run

LUA = REPOSITORY / "bench/lua"
CONNECTIONS = 64
# A client for each connection, and more, so that two requests under way rarely have the same one.
CLIENTS = 256


def check_program():
    if not shutil.which("wrk"):
        raise Failed("wrk is missing (Debian: apt-get install wrk)")


def http(method, path, headers=None, body="", client=None):
    """The bytes of a request."""
    fields = {"Host": "localhost"} | (headers or {})
    if client is not None:
        fields["X-Forwarded-For"] = f"10.0.{client // 256}.{client % 256}"
    if body:
        fields["Content-Type"] = "application/json"
        fields["Content-Length"] = str(len(body.encode()))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def write_requests(path, requests):
    """Writes the file that `requests.lua` reads."""
    with open(path, "wb") as file:
        for text in requests:
            file.write(b"%d\n%s" % (len(text), text))


def wrk(port, seconds, connections, script, *arguments):
    """Returns requests per second and times in milliseconds."""
    result = run_wrk(port, seconds, connections, script, *arguments)
    measured = {
        "requests": result["requests"],
        "rate": result["requests"] / (result["duration"] / 1e6),
    }
    measured |= {name: result[name] / 1000 for name in ("p50", "p90", "p99", "max")}
    faults = {
        "answers with an error status": result["status"],
        "broken connections": result["socket"],
        "requests without an answer": result["timeout"],
    }
    measured["fault"] = ", ".join(f"{count} {name}" for name, count in faults.items() if count)
    took = result["duration"] / 1e6
    if took > seconds * 1.2 + 1:
        measured["fault"] = f"wrk was stopped on the way: {took:.0f} s instead of {seconds} s"
    return measured


def run_wrk(port, seconds, connections, script, *arguments):
    options = ["--threads=1", f"--connections={connections}", f"--duration={seconds}s"]
    options += ["--timeout=60s", "--latency", f"--script={LUA / script}"]
    output = run(["wrk", *options, f"http://{HOST}:{port}/", "--", *map(str, arguments)])
    line = next((line for line in output.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        raise Failed(f"wrk did not finish:\n{output}")
    return json.loads(line.removeprefix("RESULT "))
