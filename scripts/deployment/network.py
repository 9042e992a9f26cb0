"""Network namespaces for the services, joined by bridges as Compose joins containers.

This program runs in a namespace of its own, which is the client. The bridges are in another one.
"""

import subprocess

SWITCH = "switch"
OUTER = "172.30.84"
PROXY = f"{OUTER}.2"
# Addresses of clients. The client has all of them at once.
CLIENTS = "10.83"


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def enter(namespace, *command):
    """The command line that runs a command in the namespace."""
    return ["nsenter", f"--net=/run/netns/{namespace}", *command]


class Network:
    def __init__(self):
        self.ports = 0
        # In the mount namespace of this program only.
        subprocess.run(["mkdir", "-p", "/run/netns"], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/netns"], check=True)
        ip("netns", "add", SWITCH)
        for bridge in ("inner", "outer"):
            ip("-n", SWITCH, "link", "add", bridge, "type", "bridge")
            ip("-n", SWITCH, "link", "set", bridge, "up")
        ip("link", "set", "lo", "up")
        self.join(None, "outer", f"{OUTER}.1/24")
        ip("route", "add", "local", f"{CLIENTS}.0.0/16", "dev", "lo")

    def add(self, name, addresses):
        """A namespace with one interface for each network in `addresses`."""
        ip("netns", "add", name)
        ip("-n", name, "link", "set", "lo", "up")
        for bridge, address in addresses.items():
            self.join(name, bridge, address)
        self.plug(name, addresses)

    def join(self, namespace, bridge, address):
        self.ports += 1
        port = f"port{self.ports}"
        here = ["-n", namespace] if namespace else []
        ip(*here, "link", "add", bridge, "type", "veth", "peer", "name", port, "netns", SWITCH)
        ip(*here, "address", "add", address, "dev", bridge)
        ip(*here, "link", "set", bridge, "up")
        ip("-n", SWITCH, "link", "set", port, "master", bridge, "up")

    @staticmethod
    def plug(namespace, bridges):
        for bridge in bridges:
            ip("-n", namespace, "link", "set", bridge, "up")
        if "outer" in bridges:
            ip("-n", namespace, "route", "replace", f"{CLIENTS}.0.0/16", "via", f"{OUTER}.1")

    @staticmethod
    def unplug(namespace, bridges):
        """Takes a namespace off the network, as the end of a container does."""
        for bridge in bridges:
            ip("-n", namespace, "link", "set", bridge, "down")
