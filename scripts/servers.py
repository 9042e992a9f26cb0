"""A program of bookshelf that runs on this machine, for scripts that test it from outside."""

import json
import os
import pathlib
import subprocess
import time

from clients import Target

ADMIN, PASSWORD = "admin@example.com", "correct horse battery"
UNLIMITED = {f"BOOKSHELF_RATE_LIMIT_{limit}": "off" for limit in ("LOGIN", "REGISTER", "PASSWORD", "WRITE", "READ")}


class Server:
    """The settings are the defaults but for `settings`. Its data and its log are in `folder`."""

    def __init__(self, program, folder, settings=None, name="server", cgroup=None):
        self.program, self.folder, self.name, self.cgroup = str(program), folder, name, cgroup
        self.log = folder / f"{name}.log"
        self.process, self.target = None, None
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("BOOKSHELF_")},
            "BOOKSHELF_DATA_DIR": str(folder / "data"),
            "BOOKSHELF_LISTEN": "127.0.0.1:0",
            "BOOKSHELF_LOG_FORMAT": "json",
            **(settings or {}),
        }

    def run(self, *arguments, text=None):
        """Runs a command and returns its output."""
        done = subprocess.run(
            [self.program, *arguments], input=text, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        if done.returncode:
            raise RuntimeError(f"{self.name} {' '.join(arguments)}: {done.stdout}")
        return done.stdout

    def make_admin(self):
        self.run("admin", "create", "--email", ADMIN, "--password-stdin", text=PASSWORD + "\n")

    def start(self, *flags, limit=60):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", *flags], env=self.environment, stderr=log,
                preexec_fn=self.cgroup and self.cgroup.join,
            )
        end = time.monotonic() + limit
        self.target = None
        while self.target is None:
            if self.stopped() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} does not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)
            for line in self.log.read_text().splitlines():
                if '"listening"' in line:
                    address = json.loads(line)["address"]
                    self.target = Target("127.0.0.1", int(address.rsplit(":", 1)[1]))

    def status(self):
        """The fields of /proc/PID/status."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return dict(line.split(":", 1) for line in status.splitlines())

    def memory(self):
        """The resident memory and its peak, in MiB."""
        fields = self.status()
        return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def threads(self):
        return int(self.status()["Threads"])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stopped(self):
        """The exit code of the server, if it has ended."""
        return self.process.poll()

    def logged(self, text):
        """How many lines of the log contain the text."""
        with self.log.open() as lines:
            return sum(text in line for line in lines)

    def panics(self):
        return self.logged("panicked")

    def stop(self):
        if self.process and self.stopped() is None:
            self.process.terminate()
            self.process.wait(60)
        if self.cgroup:
            self.cgroup.remove()
