"""Processes that the benchmark starts, and ends again by their ids."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"


class Failed(Exception):
    """Something that ends the benchmark or voids a row. The first line of the message says what."""

    def line(self):
        return str(self).partition("\n")[0].replace("|", "/")[:200]


def target_folder():
    return Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target").absolute()


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def run(command, **options):
    """Runs a command to its end and returns its standard output."""
    done = subprocess.run(command, check=False, text=True, capture_output=True, **options)
    if done.returncode != 0:
        output = done.stderr + done.stdout
        cause = next((line for line in output.splitlines() if "error" in line.lower()), "")
        raise Failed(f"{Path(command[0]).name} failed ({done.returncode}): {cause}\n{output}")
    return done.stdout


def run_visibly(command):
    """Runs a command that shows its own progress."""
    print(*command, file=sys.stderr, flush=True)
    if subprocess.run(command, check=False).returncode:
        raise Failed(f"{command[0]} failed")


def cargo_build(*arguments):
    options = ["--release", "--locked", "--target-dir", str(target_folder())]
    run_visibly(["cargo", "build", *options, *arguments])


def scratch_folder(stack, parent):
    """Makes a folder that is removed at the end of an `ExitStack`."""
    folder = Path(tempfile.mkdtemp(prefix="bookshelf-bench-", dir=parent))
    stack.callback(shutil.rmtree, folder)
    # PostgreSQL may run as another user, who must get to its own folder in this one.
    folder.chmod(0o711)
    return folder


def run_and_weigh(command, **options):
    """Runs a command to its end. Returns the seconds and its highest resident memory in bytes."""
    start = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **options,
    )
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failed(f"{command[0]} failed:\n{output.decode()}")
    return time.monotonic() - start, usage.ru_maxrss * 1024


class Process:
    """A process in the background. Its output goes to a log file."""

    def __init__(self, command, log, stop=signal.SIGTERM, **options):
        self.name = Path(command[0]).name
        self.log = Path(log)
        self.stop_signal = stop
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options
            )

    def wait_until(self, is_ready, seconds=60, pause=0.05):
        """Waits until a function returns true."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise Failed(f"{self.name} does not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(pause)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def processor_time(self):
        """In ticks of the system's clock."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def wait_until_idle(self):
        """Waits until the process has no more work: requests that wrk gave up may still run."""
        before, deadline = -1, time.monotonic() + 300
        while before != (before := self.processor_time()):
            if time.monotonic() > deadline:
                raise Failed(f"{self.name} is still at work 300 s after the last request")
            time.sleep(0.1)

    def memory(self, name="VmRSS"):
        """The resident memory in bytes: now (VmRSS) or its peak (VmHWM)."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        raise Failed(f"{self.name} has no {name}")


def request(port, method, path, body=None, headers=None):
    """Sends one request. Returns the status, the headers and the body."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def answers(port, path):
    """Whether a server answers a GET with 200."""
    try:
        return request(port, "GET", path)[0] == 200
    except OSError:
        return False
