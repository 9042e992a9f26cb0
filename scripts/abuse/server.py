"""A server with its default settings on SQLite."""

import json
import os
import pathlib
import subprocess
import time

import cgroups

from .client import Target


class Server:
    def __init__(self, program, folder, memory):
        """`memory` is the limit of its memory in MiB."""
        self.program, self.folder = program, folder
        self.log = open(folder / "log", "w+")
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("BOOKSHELF_")},
            "BOOKSHELF_DATA_DIR": str(folder / "data"),
            "BOOKSHELF_LISTEN": "127.0.0.1:0",
            "BOOKSHELF_LOG_FORMAT": "json",
        }
        self.cgroup = cgroups.make("abuse", memory << 20)
        self.process = None
        self.target = None

    def run(self, *arguments, text=None):
        subprocess.run(
            [self.program, *arguments], input=text, env=self.environment, text=True, check=True,
            stdout=self.log, stderr=self.log,
        )

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "serve"], env=self.environment, stderr=self.log,
            preexec_fn=self.cgroup and self.cgroup.join,
        )
        while self.target is None:
            time.sleep(0.05)
            for line in open(self.folder / "log"):
                if '"listening"' in line:
                    address = json.loads(line)["address"]
                    self.target = Target("127.0.0.1", int(address.rsplit(":", 1)[1]))

    def memory(self):
        """The resident memory and its peak, in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def stopped(self):
        """The exit code of the server, if it has ended."""
        return self.process.poll()

    def panics(self):
        return sum("panic" in line for line in open(self.folder / "log"))

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        if self.cgroup:
            self.cgroup.remove()
