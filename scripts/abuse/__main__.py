"""abuse: one hostile user sends costly requests of every kind while another user reads.

It starts the release server with its default settings on SQLite, in a cgroup with a limit of memory
if the machine lets it make one, and prints how long the reads of the other user take before and during
the attack, what the attack got, and the memory of the server. It exits with 1 if a read of the other
user failed, if the 99th percentile of all its reads grew to more than three times the quiet one, if
the server panicked, or if it ended.

With --url it attacks a server that runs already. Titles of books there should have the words word1 to
word900.

The users have different addresses. Without --url all traffic stays on the loopback interface.
"""

import argparse
import multiprocessing
import pathlib
import sys
import tempfile
import time
import urllib.parse

import cgroups
from servers import Server

from . import content, preparation, report
from .attacks import attack
from clients import Target
from .reader import read_as_another


def parse():
    parser = argparse.ArgumentParser("abuse", description=__doc__.split("\n")[0])
    parser.add_argument("--program", default="target/release/bookshelf")
    parser.add_argument("--seconds", type=int, default=600, help="length of the attack")
    parser.add_argument("--quiet", type=int, default=60, help="length of the quiet reads before it")
    parser.add_argument("--memory", type=int, default=512, help="limit of the server's memory in MiB")
    parser.add_argument("--books", type=int, default=100_000)
    parser.add_argument("--covers", help="a folder with further images that the attack uploads")
    parser.add_argument("--url", help="a server that runs already, instead of --program")
    parser.add_argument("--certificate", help="the certificate of --url, if that is https")
    parser.add_argument("--network", default="127.0", help="the first half of the users' addresses")
    return parser.parse_args()


def in_a_process(function, *arguments):
    out = multiprocessing.Queue()
    process = multiprocessing.Process(target=function, args=[*arguments, out], daemon=True)
    process.start()
    return out


def images(folder):
    images = [content.png(6000, 6600, 2, 6), content.png(6000, 6600, 6, 6)]
    if folder:
        images += [path.read_bytes() for path in sorted(pathlib.Path(folder).iterdir())]
    return images


def run(options, target, watch):
    """Reads quietly, then under attack. `watch` says whether the server still runs."""
    token, keys = preparation.make_accounts(target)
    quiet, early = in_a_process(read_as_another, target, token, options.books, options.quiet).get()
    attacked = in_a_process(attack, target, keys, options.seconds, images(options.covers))
    time.sleep(2)
    under_attack = in_a_process(read_as_another, target, token, options.books, options.seconds - 4)
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        time.sleep(min(15, max(0, end - time.monotonic())))
        if not watch():
            return False
    times, failures = under_attack.get(timeout=120)
    counts = attacked.get(timeout=180)
    passed = report.passed(quiet, times, early + failures)
    for name, count in sorted(counts.items()):
        print(f"  {name} × {count}")
    return passed


def attack_own_server(options, folder):
    cgroup = cgroups.make("abuse", options.memory << 20)
    server = Server(options.program, pathlib.Path(folder), cgroup=cgroup)
    preparation.add_books(server, options.books)
    server.start()

    def watch():
        if server.stopped() is not None:
            print(f"the server ended: {server.stopped()}")
            return False
        print("memory {:.0f} MiB, peak {:.0f} MiB".format(*server.memory()), flush=True)
        return True

    passed = run(options, server.target, watch)
    if server.stopped() is None:
        limit = f"a limit of {options.memory} MiB" if server.cgroup else "no limit"
        print(f"peak memory: {server.memory()[1]:.0f} MiB with {limit}")
    server.stop()
    print(f"panics: {server.panics()}")
    return passed and server.panics() == 0


def main():
    options = parse()
    if options.url:
        url = urllib.parse.urlsplit(options.url)
        target = Target(url.hostname, url.port or 443, options.network, options.certificate)
        return 0 if run(options, target, lambda: True) else 1
    with tempfile.TemporaryDirectory(prefix="bookshelf-abuse-") as folder:
        return 0 if attack_own_server(options, folder) else 1


if __name__ == "__main__":
    sys.exit(main())
