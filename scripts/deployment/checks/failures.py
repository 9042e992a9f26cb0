"""Each part is killed and started again, while clients read and write."""

import time

from ..traffic import traffic

# How long a part is gone.
GONE = 3
# Within this time after its start clients must be served again.
RECOVERY = 60


def run(stack, report, writers):
    # nginx sends reads to another instance, and Redis only counts. Without PostgreSQL or the proxy no
    # read can be answered.
    for name, may_fail in (("bookshelf-1", False), ("redis", False), ("postgres", True), ("proxy", True)):
        kill(stack, report, writers, name, may_fail)


def kill(stack, report, writers, name, may_fail):
    container = stack[name]
    with traffic(stack, writers) as seen:
        container.kill()
        time.sleep(GONE)
        container.start()
        container.wait_until_healthy()
        started = time.monotonic()
        recovered = wait_for_service(seen, started)
    report.kept(f"{name} killed and started again", seen, no_failed_read=not may_fail)
    if may_fail:
        figure = "never" if recovered is None else f"{recovered:.1f} s after its start"
        report.check(f"served again after {name} was healthy", recovered is not None, figure)


def wait_for_service(seen, started):
    """Waits until reads and writes are answered; returns how long that took, None if they never are."""
    writes = len(seen.acknowledged)
    while time.monotonic() < started + RECOVERY:
        if seen.last_read > started and len(seen.acknowledged) > writes:
            return time.monotonic() - started
        time.sleep(0.1)
    return None
