"""How much memory each child of a task may take, so that an executor's tasks fit into its limit together.

Shipped to the workers, since only there the limit is known.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

# `sluice` takes no --memory below this.
CHILD_BYTES_MIN = 64 << 20

UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}


def parse_size(text: str, unit: str = "") -> int:
    """Bytes, from a number as `sluice` and Spark write it: `512m`, `1.5G`, `2GiB`; without a unit in the given one."""
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)([kmgtp]?)i?b?", text.strip().lower())
    if parts is None:
        raise ValueError(f"{text!r} is no size; write it as 512M or 2G")
    return int(float(parts[1]) * UNITS[parts[2] or unit])


def child_bytes(executor_bytes: int, tasks_at_once: int, heap_bytes: int) -> int:
    """A child's share of what an executor may have.

    Half of what the executor's heap leaves is for Spark's Python processes, and for what a child needs beside its
    observations.
    """
    return max(CHILD_BYTES_MIN, (executor_bytes - heap_bytes) // 2 // tasks_at_once)


def memory_limit(memberships: str = "/proc/self/cgroup", cgroups: str = "/sys/fs/cgroup") -> int:
    """The least limit of this process's cgroup (version 1 or 2) and its parents; at most the machine's memory."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for line in read(memberships).splitlines():
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            top, name = Path(cgroups), "memory.max"
        elif "memory" in controllers.split(","):
            top, name = Path(cgroups, "memory"), "memory.limit_in_bytes"
        else:
            continue
        # In a container the path may be the host's, which is not there; the container's group then is at the top.
        folder = top / group.lstrip("/")
        for place in (folder, *folder.parents):
            limit = read(place / name).strip()
            if limit.isdigit():  # Without a limit version 2 says `max`.
                limits.append(int(limit))
            if place == top:
                break
    return min(limits)


def read(path: str | Path) -> str:
    """A small file's text; nothing if it cannot be read."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""
