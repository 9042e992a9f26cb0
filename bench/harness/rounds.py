"""Measures shapes in rounds, so that a slow minute of the machine meets all servers alike."""

import sys
from pathlib import Path

from .load import CONNECTIONS
from .postgres import SELECT, pgbench
from .processes import Failed, run


def say(text):
    print(text, file=sys.stderr, flush=True)


class Run:
    """What the measurements of one catalogue share."""

    def __init__(self, folder, programs, books, seconds, rounds):
        self.folder, self.programs, self.books = folder, programs, books
        self.seconds, self.rounds = seconds, rounds
        self.servers = {}
        self.postgres = None
        # The databases that the ceilings fill: files and scripts, by the name of the server.
        self.ceilings = {}
        # The number of the next ISBN that no database has.
        self.next_isbn = 100_000_000

    def measure(self, shape):
        """Returns the measurements of a shape by the name of what was measured."""
        results = {name: {"rounds": [], "single": []} for name in shape.subjects}
        for number in range(self.rounds):
            order = shape.subjects if number % 2 == 0 else shape.subjects[::-1]
            for name in order:
                result = results[name]
                if "void" not in result:
                    try:
                        self.measure_once(shape, name, result)
                    except Failed as error:
                        result["void"] = error.line()
                    say(line(self.books, shape, name, result))
        return results

    def measure_once(self, shape, name, result):
        if name not in self.servers:
            result["rounds"].append({"rate": self.measure_ceiling(shape, name)})
            return
        server = self.servers[name]
        is_first = not result["rounds"]
        if is_first and name != "usual":
            shape.measure(server, self, 1, shape.connections)
        measured = shape.measure(server, self, self.seconds, shape.connections)
        if measured["requests"] < 100:
            # Too few to tell a rate.
            measured = shape.measure(server, self, 4 * self.seconds, shape.connections)
        result["rounds"].append(measured)
        if shape.single:
            seconds = max(1, self.seconds // 2)
            result["single"].append(shape.measure(server, self, seconds, 1))

    def measure_ceiling(self, shape, name):
        """Requests per second of what does nothing but the work of the database."""
        if name == "raw_writer":
            path, number = self.ceilings["sqlite"], self.next_isbn
            program = self.programs / "raw_writer"
            arguments = map(str, (path, self.seconds, CONNECTIONS, number))
            rows, seconds = run([str(program), *arguments]).split()
            self.next_isbn += int(rows)
            return int(rows) / float(seconds)
        server = self.servers["postgres"]
        if shape.key == "create":
            script, database = self.ceilings["postgres"], server.copy
            variables = {"number": self.next_isbn % 100_000_000}
            rate = pgbench(self.postgres, database, script, self.seconds, CONNECTIONS, **variables)
            self.next_isbn += int(rate * self.seconds * 2)
            return rate
        script = Path(self.folder / "select.sql")
        script.write_text(SELECT, encoding="ascii")
        return pgbench(
            self.postgres, server.database, script, self.seconds, CONNECTIONS, books=self.books
        )


def line(books, shape, name, result):
    """A line that shows the progress."""
    start = f"{books:>9,} {shape.key:<20} {name:<10}"
    if "void" in result:
        return f"{start} void: {result['void']}"
    last = result["rounds"][-1]
    text = f"{start} {last['rate']:>10,.1f}/s"
    if "p99" in last:
        text += f"  p99 {last['p99']:>8.2f} ms"
    if result["single"]:
        text += (
            f"  one client {result['single'][-1]['p50']:.2f} / {result['single'][-1]['p99']:.2f} ms"
        )
    return text
