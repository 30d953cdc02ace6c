"""What runs on Spark's workers: `sluice partial` over a split, and `sluice merge` over the frames of a bucket.

The driver (sluice_spark.py) ships this file. A split is what one `sluice partial` reads: some files, or a range of one.
A bucket is a run of consecutive shards, which one `sluice merge` evaluates. Both functions for mapInArrow take and give
record batches. A program that fails raises an error with the end of its output, so that Spark tries the task again and
at last fails the job.
"""

from __future__ import annotations

import ctypes
import functools
import ipaddress
import itertools
import json
import os
import signal
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import sluice_memory

if TYPE_CHECKING:
    import pyarrow as pa

FRAME_COLUMNS = "split int, number int, first_bucket int, last_bucket int, frame binary"
RESULT_COLUMNS = (
    "kind string, bucket int, split int, position bigint, rule string, window_start string, address binary, "
    "record binary"
)
# Results' kinds: a detection; that a split was merged; the figures of a bucket.
DETECTION, MERGED, FIGURES = "detection", "merged", "figures"

BATCH_BYTES = 16 << 20


@dataclass(frozen=True)
class Settings:
    """What all tasks of a job have in common."""

    shards: int
    buckets: int
    # The program's name as an artifact of the session, or the path at which workers have it.
    artifact: str | None
    installed: str | None
    # The folder, on the shared path, that becomes the result.
    staged: str
    rules: str | None = None
    rule_ids: tuple[str, ...] = ()
    partial_options: tuple[str, ...] = ()
    merge_options: tuple[str, ...] = ()
    threads: int = 1
    # Memory of each child; default: its share of what the executor has beside its heap, if it runs so many tasks.
    child_bytes: int | None = None
    tasks_at_once: int | None = None
    heap_bytes: int = 0

    def bucket(self, shard: int) -> int:
        """The bucket of a shard: consecutive shards lie together."""
        return shard * self.buckets // self.shards

    def shard_range(self, bucket: int) -> tuple[int, int]:
        """First and last shard of a bucket, both included."""
        first = -(-bucket * self.shards // self.buckets)
        return first, -(-(bucket + 1) * self.shards // self.buckets) - 1


# Frames ------------------------------------------------------------------------------------------------------------


class PartialError(Exception):
    """A partial that cannot be dealt out: it is cut, not of a known version, or its frames do not follow each other."""


SOURCES, ROWS, TOTALS = 1, 2, 3
# magic, version, kind, flags, number, contract, identity, first and last shard, shards, rows, bytes decoded and stored,
# bytes before it, reserved, checksum: Sources/SluiceEngine/SluiceEngine.docc/PartialFormat.md.
HEADER = struct.Struct("<8sHBBIQ16sIIIIIIQQQ")
KIND_OFFSET = 10
IDENTITY = slice(24, 40)
FRAME_VERSION = 2
PAYLOAD_BYTES_MAX = 8 << 20


class Frame(NamedTuple):
    kind: int
    number: int
    first_shard: int
    last_shard: int
    shards: int
    identity: bytes
    # Header and payload, as they are.
    content: bytes


def read_frames(file: BinaryIO) -> Iterator[Frame]:
    """The frames of one partial. Checksums are left to `sluice merge`."""
    offset, number, kind_before, identity, ends = 0, 0, 0, b"", False

    def fail(why: str) -> PartialError:
        return PartialError(f"partial at byte {offset}: {why}")

    while header := file.read(HEADER.size):
        if len(header) < HEADER.size:
            raise fail("it is cut")
        (
            magic,
            version,
            kind,
            flags,
            its_number,
            _,
            its_identity,
            first,
            last,
            shards,
            _,
            decoded,
            stored,
            before,
            _,
            _,
        ) = HEADER.unpack(header)
        if magic != b"SLUICEPT":
            raise fail("there is no frame")
        if version != FRAME_VERSION:
            raise fail(f"its version is {version}, and only {FRAME_VERSION} is known")
        if ends:
            raise fail("there is more than one partial")
        if max(decoded, stored) > PAYLOAD_BYTES_MAX:
            raise fail("its payload is longer than a frame's may be")
        if its_number != number or before != offset or (number > 0 and its_identity != identity):
            raise fail("it does not follow the frame before")
        if kind not in (SOURCES, ROWS, TOTALS) or kind < kind_before or (number == 0 and kind != SOURCES):
            raise fail(f"a frame of kind {kind} is not expected here")
        if not first <= last < shards:
            raise fail(f"shards {first} to {last} of {shards}")
        payload = file.read(stored)
        if len(payload) < stored:
            raise fail("it is cut")
        yield Frame(kind, number, first, last, shards, its_identity, header + payload)
        ends = kind == TOTALS and not flags & 2
        offset += HEADER.size + stored
        number, kind_before, identity = number + 1, kind, its_identity
    if not ends:
        raise fail("it has no totals")


def buckets_of(frame: Frame, settings: Settings) -> tuple[int, int]:
    """First and last bucket that need the frame: rows those of their shards, sources and totals all."""
    if frame.shards != settings.shards:
        raise PartialError(f"a frame of {frame.shards} shards, where {settings.shards} were asked for")
    if frame.kind != ROWS:
        return 0, settings.buckets - 1
    return settings.bucket(frame.first_shard), settings.bucket(frame.last_shard)


# The program -------------------------------------------------------------------------------------------------------

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int) -> None:
    """In a child, before its program starts: has it killed when its parent ends, however that ends."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have died before that.
    if os.getppid() != parent:
        os._exit(1)


def run(command: list[str], folder: Path, accepted: Iterable[int]) -> int:
    """Runs a program in a folder, where its temporary files lie too, and gives its status; one not accepted raises.

    The program dies with this process, which is what Spark kills when it kills a task.
    """
    with tempfile.TemporaryFile() as said:
        status = subprocess.run(
            command, check=False, cwd=folder, env={**os.environ, "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            preexec_fn=functools.partial(die_with_parent, os.getpid()),
        ).returncode  # fmt: skip
        if status not in accepted:
            said.seek(max(0, said.seek(0, os.SEEK_END) - 2000))
            text = said.read().decode(errors="replace").strip()
            raise RuntimeError(f"{' '.join(command[:2])} ended with {status}: {text}")
    return status


def program(settings: Settings) -> str:
    if settings.installed is not None:
        return settings.installed
    from pyspark import SparkFiles

    assert settings.artifact is not None
    return SparkFiles.get(settings.artifact)


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder on the disks that Spark was given for such things."""
    folders = [folder for folder in os.environ.get("SPARK_LOCAL_DIRS", "").split(",") if os.path.isdir(folder)]
    return tempfile.TemporaryDirectory(prefix="sluice-", dir=folders[0] if folders else None)


def limit_options(settings: Settings) -> list[str]:
    """Threads and memory of one child."""
    memory = settings.child_bytes
    if memory is None:
        tasks = settings.tasks_at_once or max(1, len(os.sched_getaffinity(0)) // settings.threads)
        memory = sluice_memory.child_bytes(sluice_memory.memory_limit(), tasks, settings.heap_bytes)
    return ["--threads", str(settings.threads), "--memory", str(memory)]


def rule_options(settings: Settings, folder: Path) -> list[str]:
    options = [part for rule in settings.rule_ids for part in ("--rule", rule)]
    if settings.rules is not None:
        (folder / "rules.yaml").write_text(settings.rules, encoding="utf-8")
        options += ["--rules", "rules.yaml"]
    return options


# Files that are not on a shared path -------------------------------------------------------------------------------


def filesystem(url: str) -> tuple[pa.fs.FileSystem, str]:
    """The filesystem of a URL, of pyarrow or else of fsspec, and the path in it."""
    from pyarrow import fs

    try:
        return fs.FileSystem.from_uri(url)
    except (ValueError, NotImplementedError, OSError):
        import fsspec

        found, path = fsspec.core.url_to_fs(url)
        return fs.PyFileSystem(fs.FSSpecHandler(found)), path


def fetch(name: str, size: int, url: str, place: str, folder: Path) -> None:
    """Copies a file as it is to where its name leads from a folder."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    copied = 0
    # Else pyarrow decompresses what its name says is compressed.
    with filesystem(url)[0].open_input_stream(place, compression=None) as source, open(target, "xb") as file:
        while piece := source.read(4 << 20):
            copied += file.write(piece)
    if copied != size:
        raise RuntimeError(f"{name} has {copied} bytes, and had {size} when the job was planned")


# Tasks -------------------------------------------------------------------------------------------------------------


def check_staged(staged: str) -> None:
    """That this worker can write where the result is staged; else raises, before anything is read."""
    try:
        tempfile.TemporaryFile(dir=staged).close()
    except OSError as error:
        raise RuntimeError(
            f"the worker on {socket.gethostname()} cannot write to {staged}: {error.strerror}; --output must lie on a "
            "path that driver and workers share, and they must run as one user"
        ) from error


def file_state(status: os.stat_result) -> list[int]:
    """By what a file that was replaced or written to is told; the same on all machines."""
    return [status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns]


def check_state(plan: dict) -> None:
    """That a file that is read in ranges, by several tasks, still is what it was when it was planned; else raises."""
    for path, _, _, _, state in plan["files"] if plan["range"] else ():
        if file_state(os.stat(path)) != state:
            raise RuntimeError(
                f"{path} was changed after it was planned, and tasks read ranges of it, which would be of two states; "
                "run the job again, with a larger --split-bytes if the file goes on changing"
            )


def observe(settings: Settings, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Of splits (split int, plan string) the frames of their partials (FRAME_COLUMNS)."""
    check_staged(settings.staged)
    for batch in batches:
        for split, plan in zip(batch.column("split").to_pylist(), batch.column("plan").to_pylist(), strict=True):
            with scratch() as name:
                folder = Path(name)
                make_partial(settings, json.loads(plan), folder)
                with open(folder / "partial", "rb") as file:
                    yield from in_batches(
                        (
                            (split, frame.number, *buckets_of(frame, settings), frame.content)
                            for frame in read_frames(file)
                        ),
                        FRAME_COLUMNS,
                    )


def make_partial(settings: Settings, plan: dict, folder: Path) -> None:
    """Writes the partial of a split, as Split.plan describes it, into a folder."""
    for name, size, url, place, _ in plan["files"]:
        if url is not None:
            fetch(name, size, url, place, folder)
    command = [
        program(settings),
        "partial",
        "--output",
        "partial",
        "--frame-per-shard",
        "--shards",
        str(settings.shards),
    ]
    command += [*limit_options(settings), *settings.partial_options, *rule_options(settings, folder)]
    if plan["range"]:
        command += ["--range", plan["range"]]
    check_state(plan)
    # 2: some input could not be read, which the partial names and merge repeats.
    run([*command, "--", *(file[0] for file in plan["files"])], folder, accepted=(0, 2))
    check_state(plan)


def detect(settings: Settings, sources: int, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Of the frames of buckets, sorted by bucket, split and number, the results (RESULT_COLUMNS)."""
    rows = (
        row
        for batch in batches
        for row in zip(
            *(batch.column(name).to_pylist() for name in ("bucket", "split", "number", "frame")), strict=True
        )
    )
    for bucket, frames in itertools.groupby(rows, key=lambda row: row[0]):
        with scratch() as name:
            yield from in_batches(merge_bucket(settings, sources, bucket, frames, Path(name)), RESULT_COLUMNS)


def merge_bucket(
    settings: Settings, sources: int, bucket: int, frames: Iterable[tuple], folder: Path
) -> Iterator[tuple]:
    # The identity of each split, which stands for the files that it read and their state.
    identities: dict[int, bytes] = {}
    with open(folder / "partials", "wb") as file:
        for _, split, _, frame in frames:
            file.write(frame)
            identities.setdefault(split, frame[IDENTITY])
    first, last = settings.shard_range(bucket)
    command = [program(settings), "merge", "partials", "--expect", str(sources), "--shard-range", f"{first}..{last}"]
    command += [
        "--format",
        "ndjson",
        "--output",
        "detections",
        "--stats",
        "figures",
    ]
    command += limit_options(settings)
    run([*command, *settings.merge_options, *rule_options(settings, folder)], folder, accepted=(0, 2))

    with open(folder / "detections", "rb") as file:
        for position, line in enumerate(file):
            record = json.loads(line)
            yield (DETECTION, bucket, None, position, *sort_key(record), line.rstrip(b"\n"))
    for split, identity in sorted(identities.items()):
        yield MERGED, bucket, split, None, None, None, None, identity
    yield FIGURES, bucket, None, None, None, None, None, (folder / "figures").read_bytes()


def sort_key(record: dict) -> tuple[str, str, bytes | None]:
    """By what detections are sorted: rule, window start, and client IP as 16 bytes, none first."""
    address = record["client_ip"]
    if address is not None:
        parsed = ipaddress.ip_address(address)
        address = parsed.packed if parsed.version == 6 else bytes(10) + b"\xff\xff" + parsed.packed
    return record["rule"], record["window_start"], address


def in_batches(rows: Iterable[tuple], columns: str) -> Iterator[pa.RecordBatch]:
    """Record batches of about BATCH_BYTES, by columns as SQL names them; the last column is that which is long."""
    import pyarrow as pa

    types = {"int": pa.int32(), "bigint": pa.int64(), "string": pa.string(), "binary": pa.binary()}
    schema = pa.schema([(name, types[kind]) for name, kind in (column.split() for column in columns.split(", "))])

    def batch(rows: list[tuple]) -> pa.RecordBatch:
        arrays = [pa.array(c, f.type) for c, f in zip(zip(*rows, strict=True), schema, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    waiting: list[tuple] = []
    size = 0
    for row in rows:
        waiting.append(row)
        size += len(row[-1]) + 100
        if size >= BATCH_BYTES:
            yield batch(waiting)
            waiting, size = [], 0
    if waiting:
        yield batch(waiting)
