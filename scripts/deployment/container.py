"""A service in namespaces of its own, as a container runs it."""

import pathlib
import shlex
import signal
import subprocess
import sys
import time

import cgroups

from . import images
from .network import Network, enter


def inside(path):
    """A path of a container. In Debian /var/run is a link to /run."""
    return "/run/" + path.removeprefix("/var/run/") if path.startswith("/var/run/") else path


class Container:
    def __init__(self, service, image, folder, hosts, program):
        self.service, self.image, self.name = service, image, service.name
        self.folder, self.project = folder, folder.parent.parent
        self.layer, self.root = folder / "layer", folder / "root"
        self.root.mkdir(parents=True)
        (self.layer / "etc").mkdir(parents=True)
        (self.layer / "etc/hosts").write_text(hosts)
        self.program = program
        self.cgroup = cgroups.make(service.name, service.memory)
        self.log = self.project / f"{self.name}.log"
        self.log.touch(0o666)
        self.log.chmod(0o666)
        self.process = None

    def mounts(self):
        """The commands that mount the root: this machine's with points for mounts above it."""
        lines = [
            f"mount -t overlay overlay -o lowerdir={self.layer}:/ {self.root}",
            f"mount -t proc proc {self.root}/proc",
            f"mount --rbind /dev {self.root}/dev",
            f"mount -t tmpfs -o size={self.service.shared_memory} tmpfs {self.root}/dev/shm",
        ]
        for source, target, read_only in self.bound():
            self.make_point(target, source.is_dir())
            lines.append(f"mount --bind {source} {self.root}{target}")
            if read_only:
                lines.append(f"mount -o remount,bind,ro {self.root}{target}")
        for path, options in self.service.tmpfs:
            self.make_point(inside(path), True)
            lines.append(f"mount -t tmpfs -o {options or 'mode=1777'} tmpfs {self.root}{inside(path)}")
        return "\n".join(lines)

    def bound(self):
        """What is mounted from elsewhere: (source, path in the container, whether it is read-only)."""
        yield self.program, "/usr/local/bin/bookshelf", True
        for name in self.service.secrets:
            yield self.project / "secrets" / name, f"/run/secrets/{name}", True
        for source, target, read_only in self.service.volumes:
            found = self.project / source if source.startswith("./") else self.volume(source)
            yield found, target, read_only

    def make_point(self, target, is_folder):
        point = self.layer / target.lstrip("/")
        point.parent.mkdir(parents=True, exist_ok=True)
        if is_folder:
            point.mkdir(exist_ok=True)
        else:
            point.touch()

    def volume(self, name):
        """A named volume. It belongs to the user of the first container that uses it."""
        folder = self.project / "volumes" / name
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o700)
            subprocess.run(["chown", self.image.user, folder], check=True)
        return folder

    def as_user(self, *command):
        """The command line that runs a command as the user of the container, without capabilities."""
        user, group = self.image.user.split(":")
        variables = {"PATH": images.PATH, "HOME": "/", **self.image.environment, **self.service.environment}
        return [
            "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs",
            "--inh-caps=-all", "--bounding-set=-all",
            "env", "-i", *(f"{key}={value}" for key, value in variables.items()), *command,
        ]

    def start(self):
        Network.plug(self.name, self.service.addresses)
        command = self.image.command if self.image.command != [] else self.service.command
        script = f"set -e\n{self.mounts()}\nexec chroot {self.root} {shlex.join(self.as_user(*command))}\n"
        self.process = subprocess.Popen(
            enter(self.name, "unshare", "--mount", "--pid", "--fork", "sh", "-c", script),
            stdin=subprocess.DEVNULL, stdout=self.log.open("a"), stderr=subprocess.STDOUT,
            preexec_fn=self.cgroup and self.cgroup.join,
        )

    def pid(self):
        """The first process of the container, as this machine counts."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} has ended: {self.log.read_text()[-3000:]}")
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(children.split()[0])

    def signal(self, name):
        """Sends a signal to the first process, as `docker compose kill --signal` does."""
        subprocess.run(["kill", f"-{name}", str(self.pid())], check=True)

    def run(self, *command, text=None, check=True):
        """Runs a command in the container, as `docker compose exec` does. Returns its output."""
        done = subprocess.run(
            ["nsenter", f"--target={self.pid()}", "--mount", "--net", "--pid", "--root", "--wd"]
            + self.as_user(*command),
            input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        if check and done.returncode:
            raise RuntimeError(f"{shlex.join(command)} in {self.name}: {done.stdout}")
        return done

    def is_healthy(self):
        if self.process.poll() is not None:
            return False
        kind, *test = self.service.health or self.image.health
        command = test if kind == "CMD" else ["sh", "-c", *test]
        try:
            return self.run(*command, check=False).returncode == 0
        except IndexError:
            return False

    def wait_until_healthy(self, limit=120):
        """Returns how many seconds that took."""
        start = time.monotonic()
        while not self.is_healthy():
            if self.process.poll() is not None or time.monotonic() > start + limit:
                sys.stdout.write(self.log.read_text()[-3000:])
                raise RuntimeError(f"{self.name} does not become healthy")
            time.sleep(0.1)
        return time.monotonic() - start

    def stop(self):
        """Stops it as Docker does. Returns its exit code; a negative one is the signal that ended it."""
        self.signal(self.image.stop_signal)
        try:
            code = self.process.wait(self.service.grace)
        except subprocess.TimeoutExpired:
            self.kill()
            code = -signal.SIGKILL
        Network.unplug(self.name, self.service.addresses)
        return code

    def kill(self):
        if self.process.poll() is None:
            self.signal("KILL")
            self.process.wait()
        Network.unplug(self.name, self.service.addresses)

    def remove(self):
        if self.process and self.process.poll() is None:
            self.kill()
        if self.cgroup:
            self.cgroup.remove()
