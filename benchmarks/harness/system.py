"""What the kernel says about processes: CPU spent, memory held, load of the whole machine (Linux, `/proc`)."""

from __future__ import annotations

import os
import resource
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpuSeconds(pid: int) -> float:
    """CPU that a process has used so far in all its threads, to the nanosecond (threads that ended are not counted)."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def residentKiB(pid: int) -> int:
    """Memory of a process that is in RAM. `smaps_rollup` counts pages; the counters in `status` are estimates."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1])
    raise ValueError(f"no Rss in /proc/{pid}/smaps_rollup")


def busySeconds() -> float:
    """CPU that the whole machine has used since it started, what a hypervisor took from it included."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / TICKS


def reapedSeconds() -> float:
    """CPU of all our children that have ended and were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def raiseDescriptorLimit() -> int:
    """Let us, and so our children, open as many descriptors as the system allows; return how many that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def cores() -> tuple[int, int] | None:
    """Two cores, the server's and the generator's; `None` when we may use only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[1]) if len(allowed) > 1 else None
