"""What the reads of the other user took, and whether that is good enough."""

# How much slower the 99th percentile of all reads may become.
MOST = 3


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def row(kind, quiet, times):
    """A line of the table, and the ratio of the 99th percentiles."""
    before, during = ([percentile(t, p) for p in (0.5, 0.99)] for t in (quiet, times))
    ratio = during[1] / before[1]
    print(f"| {kind} | {before[0]:.1f}, {before[1]:.1f} | {during[0]:.1f}, {during[1]:.1f} | {ratio:.1f} |")
    return ratio


def all_reads(times):
    return [time for kind in times.values() for time in kind]


def passed(quiet, times, failures):
    """Prints the table. The kinds are for information; all reads together decide."""
    print("\n| read of the other user | quiet p50, p99 (ms) | attacked p50, p99 (ms) | ratio of p99 |")
    print("|---|---|---|---|")
    for kind in quiet:
        row(kind, quiet[kind], times[kind])
    ratio = row("all", all_reads(quiet), all_reads(times))
    print(f"\nratio of the p99 of all reads: {ratio:.2f}, at most {MOST}")
    print(f"failed reads of the other user: {len(failures)} of {len(all_reads(times))}")
    print("".join(f"  {failure}\n" for failure in failures[:10]), end="")
    return ratio <= MOST and not failures
