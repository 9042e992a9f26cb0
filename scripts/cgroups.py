"""Limits of memory for processes, by the cgroups of either version."""

import pathlib
import secrets
import time

ROOT = pathlib.Path("/sys/fs/cgroup")


class Cgroup:
    """A cgroup with a limit of memory in bytes."""

    def __init__(self, folder, limit, peak):
        self.folder, self.limit_file, self.peak_file = folder, limit, peak

    def join(self):
        """Moves the calling process into the group."""
        (self.folder / "cgroup.procs").write_text("0")

    def peak(self):
        """The most memory that the group had at once, with its page cache; None if it is unknown."""
        try:
            return int((self.folder / self.peak_file).read_text())
        except OSError:
            return None

    def kills(self):
        """How many processes the system has killed because of the limit."""
        name = "memory.events" if self.limit_file == "memory.max" else "memory.oom_control"
        for line in (self.folder / name).read_text().splitlines():
            key, value = line.split()
            if key == "oom_kill":
                return int(value)
        return 0

    def remove(self):
        """Waits a moment for the processes of the group, which must have been ended."""
        for _ in range(100):
            if not (self.folder / "cgroup.procs").read_text():
                break
            time.sleep(0.05)
        self.folder.rmdir()


def make(name, limit):
    """A cgroup, or None if this machine does not let us make one."""
    kinds = (
        (ROOT / "memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes"),
        (ROOT, "memory.max", "memory.peak"),
    )
    for root, limit_file, peak_file in kinds:
        folder = root / f"bookshelf-{name}-{secrets.token_hex(4)}"
        try:
            folder.mkdir()
            (folder / limit_file).write_text(str(limit))
            return Cgroup(folder, limit_file, peak_file)
        except OSError:
            if folder.exists():
                folder.rmdir()
    return None
