"""Writes an archive of failed sign-ins whose users and addresses collide in sluice's hash tables, if their key is KEY.

Users are chosen, by libxxhash itself, so that their hashes begin in a 512th part of the table that holds them all;
addresses so that all fall to one shard. The same archive with users and addresses that were not chosen is what it is
compared with. No rule fires on either.
"""

import ctypes
import ipaddress
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, islice
from pathlib import Path

import attack
from runs import Failure

KEY = 1
USERS = 50_000  # in a table of 131,072 slots, as at most three quarters are used
SLOTS = 131_072
SLOTS_HIT = SLOTS // 512
SHARDS = 64
ATTEMPTS = 2

_hash = ctypes.CDLL("libxxhash.so.0").XXH3_64bits_withSeed
_hash.restype = ctypes.c_uint64
_hash.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]


def users(collide: bool) -> Iterator[bytes]:
    for number in count():
        user = b"user%010d@acme.example" % number
        hashed = bytes([len(user) + 1]) + user  # how a text of a facet is written
        if not collide or _hash(hashed, len(hashed), KEY) % SLOTS < SLOTS_HIT:
            yield user


def addresses(collide: bool) -> Iterator[bytes]:
    """IPv4 addresses of 15 characters; sluice hashes the 16 bytes of their mapped form, lowest first in each half."""
    for number in count():
        text = attack.spread_address(number)
        mapped = b"\0" * 8 + (0xFFFF_0000_0000 | int(ipaddress.IPv4Address(text.decode()))).to_bytes(8, "little")
        if not collide or (_hash(mapped, 16, KEY) >> 32) % SHARDS == 0:
            yield text


def write(collide: bool, sample: Path, folder: Path) -> None:
    """Writes `folder`/archive/flood.json.lz4 with templates from the file `sample`."""
    lines = subprocess.run(["lz4", "-dc", str(sample)], stdout=subprocess.PIPE, check=True).stdout.splitlines()
    template = next(filter(None, map(attack.sign_in_template, lines)), None)
    if not template:
        raise Failure(f"{sample} holds no failed sign-in")
    (folder / "archive").mkdir(parents=True)
    names = list(islice(users(collide), USERS))
    sources = list(islice(addresses(collide), USERS // 10))
    step = timedelta(days=30) / (USERS * ATTEMPTS)
    path = folder / "archive" / "flood.json.lz4"
    with subprocess.Popen(["lz4", "-q", "-f", "-B7", "-", str(path)], stdin=subprocess.PIPE) as compressor:
        for number in range(USERS * ATTEMPTS):
            time = (attack.START + step * number).isoformat(timespec="milliseconds")[:23].encode() + b"Z"
            line = template % {
                b"ip": sources[number % len(sources)],
                b"user": names[number % USERS],
                b"time": time,
                b"uuid": b"%08x-f100-11f0-b8ab-%012x" % (number, number),
            }
            compressor.stdin.write(line.rstrip(b"\n") + b"\n")
    if compressor.returncode != 0:
        raise Failure(f"lz4 could not write {path}")
