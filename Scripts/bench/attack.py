"""Writes an archive under attack: 30 % of the events are failed sign-ins, from one address or from many.

Lines are taken from a generated archive and used again and again: ordinary ones that no rule looks at as they are,
failed sign-ins with address, user, time and uuid of their own. Addresses are 15 characters each, so that an archive
with one address and one with many differ in nothing but the addresses.

Two kinds of attack. `silent`: users are tried in turn, so often that everyone has more than two attempts in any
window, and the rule does not fire; what is compared is scanning and counting. `firing`: a new user with every attempt,
so that one address fires in every window and each detection lists thousands of users; rendering those is work that the
same attack spread over many addresses does not make.
"""

import enum
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from runs import Failure

CANDIDATES_OF_TEN = 3
LITERALS = (b"INVALID_CREDENTIALS", b"LOCKED_OUT", b"user.account.lock", b"security.threat.detected", b"\\u00")
ONE_ADDRESS = b"198.151.100.177"
ATTEMPTS_PER_SPREAD_ADDRESS = 30  # over the whole day: no window comes near the rule's 25
FIVE_MINUTES_A_DAY = 288  # of which even the shortest window at an end of the data holds one
START = datetime(2026, 1, 5, tzinfo=UTC)
LINES_PER_WRITE = 2_000


class Kind(enum.Enum):
    ONE_SILENT = "attack-one-silent"
    SPREAD_SILENT = "attack-spread-silent"
    ONE_FIRING = "attack-one-firing"
    SPREAD_FIRING = "attack-spread-firing"

    @property
    def has_one_address(self) -> bool:
        return self in (Kind.ONE_SILENT, Kind.ONE_FIRING)

    @property
    def is_silent(self) -> bool:
        return self in (Kind.ONE_SILENT, Kind.SPREAD_SILENT)


def write(kind: Kind, events: int, hours: int, sample: Path, folder: Path) -> None:
    """Writes `folder`/archive/HH.json.lz4 with `events` lines like those of the file `sample`."""
    lines = subprocess.run(["lz4", "-dc", str(sample)], stdout=subprocess.PIPE, check=True).stdout.splitlines(True)
    ordinary = [line for line in lines if not any(literal in line for literal in LITERALS)]
    templates = [template for line in lines if (template := sign_in_template(line))]
    if not ordinary or not templates:
        raise Failure(f"{sample} holds no failed sign-in to make an attack from; take more events")

    candidates = events * CANDIDATES_OF_TEN // 10
    users = candidates if not kind.is_silent else max(1, candidates // FIVE_MINUTES_A_DAY // 3)
    addresses = 1 if kind.has_one_address else max(1, candidates // ATTEMPTS_PER_SPREAD_ADDRESS)
    step = timedelta(hours=hours) / max(1, events)

    def line(number: int) -> bytes:
        if number % 10 >= CANDIDATES_OF_TEN:
            return ordinary[number % len(ordinary)]
        candidate = number // 10 * CANDIDATES_OF_TEN + number % 10
        return templates[candidate % len(templates)] % {
            b"ip": ONE_ADDRESS if kind.has_one_address else spread_address(candidate % addresses),
            b"user": b"user%08d@acme.example" % (candidate % users),
            b"time": (START + step * number).isoformat(timespec="milliseconds")[:23].encode() + b"Z",
            b"uuid": b"%08x-a77a-11f0-b8ab-%012x" % (number, number),
        }

    (folder / "archive").mkdir(parents=True)
    for hour in range(hours):
        path = folder / "archive" / f"{hour:02}.json.lz4"
        first, end = events * hour // hours, events * (hour + 1) // hours
        with subprocess.Popen(["lz4", "-q", "-f", "-B7", "-", str(path)], stdin=subprocess.PIPE) as compressor:
            for start in range(first, end, LINES_PER_WRITE):
                compressor.stdin.write(b"".join(map(line, range(start, min(start + LINES_PER_WRITE, end)))))
        if compressor.returncode != 0:
            raise Failure(f"lz4 could not write {path}")


def sign_in_template(line: bytes) -> bytes | None:
    """A failed sign-in as a format string, or nothing if the line is none."""
    if LITERALS[0] not in line:
        return None
    event = json.loads(line)
    address, user = event["client"]["ipAddress"], event["actor"]["alternateId"]
    if event["eventType"] != "user.session.start" or not address or "." not in address or not user or "@" not in user:
        return None
    template = line.replace(b"%", b"%%")
    for value, name in ((address, b"ip"), (user, b"user"), (event["published"], b"time"), (event["uuid"], b"uuid")):
        template = template.replace(b'"' + value.encode() + b'"', b'"%(' + name + b')b"')
    return template


def spread_address(number: int) -> bytes:
    """One of 100 million addresses of 15 characters."""
    return b"1%02d.1%02d.1%02d.1%02d" % (
        number % 100,
        number // 100 % 100,
        number // 10_000 % 100,
        number // 1_000_000 % 100,
    )
