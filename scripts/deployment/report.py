"""One line for each check."""


class Report:
    def __init__(self):
        self.failed = 0

    def check(self, name, passed, figure, details=()):
        print(f"{'ok    ' if passed else 'FAILED'} {name}: {figure}", flush=True)
        if not passed:
            self.failed += 1
            for detail in details:
                print(f"         {detail}", flush=True)

    def equal(self, name, found, wanted):
        self.check(name, found == wanted, found if found == wanted else f"{found!r}, not {wanted!r}")

    def kept(self, name, traffic, no_failed_read=True, no_failed_write=False):
        """Checks that traffic lost nothing."""
        lost, surplus = traffic.lost()
        passed = not lost and surplus == 0 and traffic.acknowledged
        passed = passed and not (no_failed_read and traffic.failed_reads)
        passed = passed and not (no_failed_write and traffic.failed_writes)
        figure = f"{traffic.figures()}; {len(lost)} writes lost, {surplus} carried out twice"
        self.check(name, bool(passed), figure, [*traffic.failures(), *lost[:3]])
