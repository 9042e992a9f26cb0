"""What the run took of the limits of memory, and whether anything panicked."""


def run(stack, report):
    for container in stack.containers.values():
        if container.cgroup is None:
            report.check(f"memory of {container.name}", True, "not limited, this machine has no writable cgroups")
            continue
        peak, limit = container.cgroup.peak(), container.service.memory
        shown = "unknown" if peak is None else f"{peak >> 20} MiB"
        kills = container.cgroup.kills()
        figure = f"peak {shown} of {limit >> 20} MiB, with the page cache; {kills} processes killed"
        report.check(f"memory of {container.name}", kills == 0, figure)
    panics = sum(instance.log.read_text().count("panicked") for instance in stack.instances)
    report.equal("panics of the instances", panics, 0)
