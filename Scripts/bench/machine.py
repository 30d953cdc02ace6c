"""What a result was measured with: processor, memory, versions, commit. Names no host and no user."""

import os
import platform
import subprocess
from datetime import UTC, datetime


def describe_machine() -> dict:
    return {
        "cpu": field("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
    }


def describe_versions(root: str) -> dict:
    return {
        "sluice_commit": first_line(["git", "-C", root, "describe", "--always", "--dirty", "--abbrev=12"]),
        "swift": first_line(["swift", "--version"]),
        "liblz4": first_line(["pkg-config", "--modversion", "liblz4"]),
        "libxxhash": first_line(["pkg-config", "--modversion", "libxxhash"]),
        "python": platform.python_version(),
    }


def load() -> list[float]:
    """Load averages of 1, 5 and 15 minutes: above the cores in use, figures are not to be trusted."""
    return [round(value, 2) for value in os.getloadavg()]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def field(path: str, name: str) -> str | None:
    with open(path) as file:
        for line in file:
            key, _, value = line.partition(":")
            if key.strip() == name:
                return value.strip()
    return None


def first_line(argv: list[str]) -> str | None:
    try:
        done = subprocess.run(argv, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return done.stdout.partition("\n")[0] if done.returncode == 0 else None
