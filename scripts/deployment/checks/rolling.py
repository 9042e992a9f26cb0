"""The instances are restarted one after the other, while clients read and write."""

from ..traffic import traffic


def run(stack, report, writers):
    with traffic(stack, writers) as seen:
        codes = stack.restart_instances()
    report.equal("exit codes of the stopped instances", codes, [0, 0, 0])
    report.kept("rolling restart", seen)
