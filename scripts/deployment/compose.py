"""Reads docker-compose.yml, and the Dockerfile for what the image of bookshelf sets."""

import json
import re
from dataclasses import dataclass, field

import yaml

UNITS = {"m": 1 << 20, "M": 1 << 20, "g": 1 << 30, "G": 1 << 30}


def size(text):
    return int(text[:-1]) * UNITS[text[-1]]


def seconds(text):
    return int(text.removesuffix("s"))


@dataclass
class Service:
    name: str
    image: str
    addresses: dict
    memory: int
    grace: int
    environment: dict = field(default_factory=dict)
    command: list = field(default_factory=list)
    user: str | None = None
    secrets: list = field(default_factory=list)
    # (source, path in the container, whether it is read-only)
    volumes: list = field(default_factory=list)
    # (path, options)
    tmpfs: list = field(default_factory=list)
    shared_memory: int = 64 << 20
    health: list = field(default_factory=list)


def volumes(definition):
    parts = [volume.split(":") for volume in definition.get("volumes", [])]
    return [(source, target, "ro" in mode) for source, target, *mode in parts]


def service(name, definition):
    networks = definition["networks"]
    addresses = {
        network: f"{settings['ipv4_address']}/24"
        for network, settings in networks.items()
        if settings and "ipv4_address" in settings
    }
    mounts = [mount.partition(":") for mount in definition.get("tmpfs", [])]
    return Service(
        name=name,
        image=definition["image"].split(":")[0],
        addresses=addresses,
        memory=size(definition["deploy"]["resources"]["limits"]["memory"]),
        grace=seconds(definition.get("stop_grace_period", "10s")),
        environment={key: str(value) for key, value in definition.get("environment", {}).items()},
        command=definition.get("command", []),
        user=definition.get("user"),
        secrets=definition.get("secrets", []),
        volumes=volumes(definition),
        tmpfs=[(path, options) for path, _, options in mounts],
        shared_memory=size(definition.get("shm_size", "64M")),
        health=definition.get("healthcheck", {}).get("test", []),
    )


def read(folder, *files):
    """The services of docker-compose.yml. Further files add to their environment and volumes."""
    document = yaml.safe_load((folder / "docker-compose.yml").read_text())
    services = {name: service(name, each) for name, each in document["services"].items()}
    for file in files:
        more = yaml.safe_load((folder / file).read_text())["services"]
        for name, definition in more.items():
            services[name].environment.update(definition.get("environment", {}))
            services[name].volumes += volumes(definition)
    return services


def dockerfile(folder):
    """The environment and the health check of the image."""
    text = (folder / "Dockerfile").read_text()
    line = re.search(r"^ENV (.*)$", text, re.MULTILINE).group(1)
    environment = dict(pair.split("=", 1) for pair in line.split())
    health = json.loads(re.search(r"^HEALTHCHECK .*CMD (\[.*\])$", text, re.MULTILINE).group(1))
    return environment, ["CMD", *health]
