"""The attacks of scripts/abuse through the proxy."""

import os
import pathlib
import subprocess
import sys

from ..network import CLIENTS
from ..stack import HOST

SCRIPTS = pathlib.Path(__file__).resolve().parents[2]


def run(stack, report, books, seconds):
    command = [
        sys.executable, "-m", "abuse", "--url", f"https://{HOST}:8443", "--certificate", stack.trusted,
        "--network", CLIENTS, "--books", str(books), "--quiet", str(max(10, seconds // 3)),
        "--seconds", str(seconds),
    ]
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    lines = done.stdout.splitlines()
    figures = [line for line in lines if line.startswith(("ratio of", "failed reads"))]
    report.check("abuse through the proxy", done.returncode == 0, "; ".join(figures), lines[-60:])
