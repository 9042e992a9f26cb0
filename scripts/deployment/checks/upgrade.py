"""The instances start on the database of the first version, all at once."""

from .. import earlier
from ..users import visitor


def run(stack, report):
    for instance in stack.instances:
        report.equal(f"exit code of {instance.name}", instance.stop(), 0)
    stack.psql("DROP DATABASE bookshelf WITH (FORCE)", "postgres")
    stack.psql("CREATE DATABASE bookshelf", "postgres")
    stack.psql(earlier.FILE.read_text())
    before = stack.psql("SELECT count(*) FROM __diesel_schema_migrations")
    for instance in stack.instances:
        instance.start()
    for instance in stack.instances:
        instance.wait_until_healthy()
    after = stack.psql("SELECT count(*) FROM __diesel_schema_migrations")
    report.check("migrations", int(after) > int(before), f"{before} before the upgrade, {after} after it")
    client = visitor(stack)
    problems = earlier.problems(client.send)
    report.check("what the first version stored", not problems, f"{len(problems)} differences", problems)
