"""What the server has, and how much of that may stay."""

import statistics
import time
from dataclasses import dataclass

# Growth that is allowed after the warm-up: in MiB, and in numbers.
MEMORY, DESCRIPTORS, THREADS = 16, 8, 0
UNLIMITED = float("inf")
ROUNDS = 5


@dataclass
class Sample:
    memory: float
    descriptors: int
    threads: int

    def __str__(self):
        return f"{self.memory:.0f} MiB, {self.descriptors} descriptors, {self.threads} threads"


def sample(server):
    return Sample(server.memory()[0], server.descriptors(), server.threads())


def middle(samples):
    """The median of each figure."""
    return Sample(*(statistics.median(getattr(each, name) for each in samples) for name in
                    ("memory", "descriptors", "threads")))


def growth(before, after, memory=MEMORY):
    """What grew more than it may."""
    limits = (("memory", memory), ("descriptors", DESCRIPTORS), ("threads", THREADS))
    return [
        f"{name}: {getattr(before, name):.0f}, then {getattr(after, name):.0f}"
        for name, limit in limits if getattr(after, name) - getattr(before, name) > limit
    ]


def settle(server, before, memory=MEMORY, limit=30):
    """Waits until the server has given back what clients took. Returns the last sample and what stays."""
    end = time.monotonic() + limit
    while True:
        now = sample(server)
        problems = growth(before, now, memory)
        if not problems or time.monotonic() > end:
            return now, problems
        time.sleep(1)


def rounds(server, part):
    """Runs a part several times. The memory of a round may be kept for the next ones.

    Each worker of the server keeps what its busiest round needed, so that takes some rounds to settle.

    The part returns its figures and its problems.
    """
    at_rest = sample(server)
    kept, problems = [], []
    for _ in range(ROUNDS):
        figures, found = part()
        problems += found
        # Connections that were closed must be gone.
        kept.append(settle(server, at_rest, UNLIMITED))
    now, stays = kept[-1]
    shown = ", ".join(f"{each.memory:.0f} MiB" for each, _ in kept)
    figures = f"{figures}; at rest {at_rest}; after each round {shown}; at the end {now}"
    return figures, problems + stays + growth(kept[-2][0], now)


class Table:
    def __init__(self):
        self.failed = 0
        print("| part | figures | passed |\n|---|---|---|", flush=True)

    def row(self, part, figures, problems):
        self.failed += bool(problems)
        print(f"| {part} | {figures} | {'no: ' + '; '.join(problems[:5]) if problems else 'yes'} |", flush=True)
