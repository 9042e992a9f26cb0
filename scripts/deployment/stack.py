"""All services of docker-compose.yml, in a copy of the project with secrets of its own."""

import shutil
import subprocess
import time

from clients import Target

from . import compose, images
from .container import Container
from .network import CLIENTS, PROXY, Network

HOST = "books.test"
ADMIN, PASSWORD = "admin@example.com", "correct horse battery"
INSTANCES = ("bookshelf-1", "bookshelf-2", "bookshelf-3")
# In the order of their starts.
SERVICES = ("postgres", "redis", *INSTANCES, "proxy")


class Stack:
    def __init__(self, folder, source, program):
        self.folder = folder
        for part in ("docker-compose.yml", "Dockerfile", "deploy", "scripts/make-secrets"):
            copy(source / part, folder / part)
        self.secrets = folder / "secrets"
        subprocess.run([folder / "scripts/make-secrets", HOST], check=True, stdout=subprocess.DEVNULL)
        self.trusted = folder / "trusted"
        self.trusted.touch()
        self.trust((self.secrets / "tls_certificate").read_text())
        self.network = Network()
        services = compose.read(folder)
        services["proxy"].addresses["outer"] = f"{PROXY}/24"
        # Overlays refuse a layer that is in another one, so this must be another file system.
        layers = folder / "containers"
        layers.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", layers], check=True)
        hosts = "127.0.0.1 localhost\n" + "".join(
            f"{service.addresses['inner'].split('/')[0]} {name}\n" for name, service in services.items()
        )
        bookshelf = compose.dockerfile(folder)
        self.containers = {}
        for name in SERVICES:
            service = services[name]
            self.network.add(name, service.addresses)
            image = images.of(service, bookshelf)
            self.containers[name] = Container(service, image, layers / name, hosts, program)
        self.resolve_host()

    def resolve_host(self):
        """Lets this program, and no other, find the proxy by its name."""
        hosts = self.folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost\n{PROXY} {HOST}\n")
        subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)

    def __getitem__(self, name):
        return self.containers[name]

    @property
    def instances(self):
        return [self[name] for name in INSTANCES]

    def up(self):
        for group in (SERVICES[:2], INSTANCES, SERVICES[-1:]):
            for name in group:
                self[name].start()
            for name in group:
                self[name].wait_until_healthy()

    def target(self):
        return Target(HOST, 8443, CLIENTS, str(self.trusted))

    def trust(self, certificate):
        """Clients accept this certificate too."""
        self.trusted.write_text(self.trusted.read_text() + certificate)

    def apply(self, file):
        """Uses a further file of Compose, from the next start of a service on."""
        for name, service in compose.read(self.folder, file).items():
            service.addresses = self[name].service.addresses
            self[name].service = service

    def psql(self, sql, database="bookshelf"):
        command = ["psql", "--username=bookshelf", f"--dbname={database}", "--set=ON_ERROR_STOP=1", "--quiet",
                   "--tuples-only", "--no-align"]
        return self["postgres"].run(*command, text=sql).stdout.strip()

    def make_admin(self):
        create = ["/usr/local/bin/bookshelf", "admin", "create", "--email", ADMIN, "--password-stdin"]
        self["bookshelf-1"].run(*create, text=PASSWORD + "\n")

    def restart_instances(self):
        """One after the other. Returns their exit codes."""
        codes = []
        for instance in self.instances:
            codes.append(instance.stop())
            instance.start()
            instance.wait_until_healthy()
            # nginx tries a server that was down again after fail_timeout.
            time.sleep(2)
        return codes

    def rewrite(self, name, text):
        """Writes a secret in place, because a container sees the file and not its name."""
        path = self.secrets / name
        path.chmod(0o600)
        path.write_text(text)
        path.chmod(0o444)

    def remove(self):
        for container in reversed(self.containers.values()):
            container.remove()
        subprocess.run(["umount", "--lazy", self.folder / "containers"], check=True)


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)
