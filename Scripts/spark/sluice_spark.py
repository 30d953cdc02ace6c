#!/usr/bin/env python3
"""Scans an archive with Apache Spark: the detections of `sluice scan --no-triage`, byte for byte, from many machines.

    spark-submit sluice_spark.py --output DIR PATH…          or with python3, and SPARK_REMOTE for Spark Connect

PATHs are files and directories on a path that driver and workers share, or URLs of a filesystem that pyarrow or fsspec
knows, whose files workers copy before they read them. DIR, on a path that driver and workers share, must not be there
yet. It appears as a whole:

    detections.ndjson     what `sluice scan --no-triage` writes
    detections.parquet    the same, with the main members as columns and each record whole in `record`
    figures.json          problems included

    files → splits → sluice partial → frames → by shards → sluice merge → staged → checked → published

Only DataFrames are used, so that Spark Connect works. The program is shipped to the workers; it must run there
(Scripts/package makes one that needs no Swift). Needs PySpark 4.1 or later with pyarrow, on the workers too. Exit status,
as of `sluice scan`: 0; 2 finished, but some input could not be read or was rejected; 3 failed, nothing was written; 64
wrong usage. Of rules that do not group by the client IP, detections that begin at the same time may stand in another
order.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import itertools
import json
import os
import re
import shutil
import stat
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import sluice_worker as worker
from sluice_worker import DETECTION, FIGURES, FRAME_COLUMNS, MERGED, RESULT_COLUMNS, Settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class Refused(Exception):
    """Why there is no result."""


# Files and splits --------------------------------------------------------------------------------------------------


class File(NamedTuple):
    """A file on the shared path, or one that workers copy.

    That one has a name for a path, and of its filesystem a URL and the place in it.
    """

    path: str
    size: int
    url: str | None = None
    place: str | None = None


class Split(NamedTuple):
    """What one `sluice partial` reads: files, or of one the blocks that begin in a range of its bytes."""

    files: tuple[File, ...]
    range: str | None = None

    def plan(self) -> str:
        return json.dumps({"files": self.files, "range": self.range})


# So many paths go to one process, which the system's limit on arguments allows however long they are.
FILES_OF_SPLIT_MAX = 200


def list_files(paths: Iterable[str]) -> list[File]:
    """The regular files at and below paths and URLs, by path, each once; links inside directories are passed over."""
    found = {file.path: file for path in paths for file in (list_url if "://" in path else list_path)(path)}
    return [found[path] for path in sorted(found, key=os.fsencode)]


def list_path(path: str) -> Iterator[File]:
    # Workers have folders of their own.
    path = os.path.abspath(path)
    status = os.stat(path)
    if stat.S_ISREG(status.st_mode):
        yield File(path, status.st_size)
        return
    if not stat.S_ISDIR(status.st_mode):
        raise Refused(f"{path} is neither a file nor a directory")

    def fail(error: OSError) -> None:
        raise error

    for folder, _, names in os.walk(path, onerror=fail):
        for name in names:
            place = os.path.join(folder, name)
            status = os.lstat(place)
            if stat.S_ISREG(status.st_mode):
                yield File(place, status.st_size)


def list_url(url: str) -> Iterator[File]:
    from pyarrow import fs

    filesystem, path = worker.filesystem(url)
    scheme = url.split("://")[0]
    info = filesystem.get_file_info(path)
    if info.type == fs.FileType.NotFound:
        # Without what a URL may say of keys.
        raise Refused(f"there is no {scheme}://{path}")
    infos = [info] if info.type == fs.FileType.File else filesystem.get_file_info(fs.FileSelector(path, recursive=True))
    for info in infos:
        if info.type == fs.FileType.File:
            if ".." in info.path.split("/"):
                raise Refused(f"{scheme}://{info.path} is no path")
            yield File(f"{scheme}://{info.path}", info.size, url, info.path)


def may_be_cut(file: File, verifies: bool) -> bool:
    """Whether a file is LZ4 of independent blocks, by its first frame, and ranges leave no checksum unverified."""
    if file.url is not None:
        return False
    with open(file.path, "rb") as opened:
        header = opened.read(7)
    if len(header) < 7 or header[:4] != b"\x04\x22\x4d\x18":
        return False
    independent, of_blocks, of_content = (bool(header[4] & bit) for bit in (0x20, 0x10, 0x04))
    # That of the content covers all blocks of a frame.
    return independent and (of_blocks or not of_content or not verifies)


def plan_splits(files: Iterable[File], split_bytes: int, may_be_cut: Callable[[File], bool]) -> list[Split]:
    """Packs small files, neighbours by path, and cuts big ones that may be cut; the same for the same files."""
    splits: list[Split] = []
    packed: list[File] = []

    def close() -> None:
        if packed:
            splits.append(Split(tuple(packed)))
            packed.clear()

    for file in files:
        if file.size > split_bytes and may_be_cut(file):
            parts = -(-file.size // split_bytes)
            bounds = [file.size * i // parts for i in range(parts + 1)]
            splits += [Split((file,), f"{first}..{end}") for first, end in itertools.pairwise(bounds)]
            continue
        if sum(f.size for f in packed) + file.size > split_bytes or len(packed) >= FILES_OF_SPLIT_MAX:
            close()
        packed.append(file)
    close()
    return splits


# The job -----------------------------------------------------------------------------------------------------------


def ship_code(spark: SparkSession) -> None:
    """Gives workers the code that runs there."""
    spark.addArtifact(worker.__file__, pyfile=True)


def ship_program(spark: SparkSession, program: str) -> str:
    """Gives workers the program, and returns the name by which they find it."""
    content = Path(program).read_bytes()
    # Another program has another name: what workers have of an earlier one is never taken for it.
    name = "sluice-" + hashlib.sha256(content).hexdigest()[:16]
    place = Path(shipped().name) / name
    if not place.exists():
        place.write_bytes(content)
        place.chmod(0o755)
    spark.addArtifact(str(place), file=True)
    return name


@functools.cache
def shipped() -> tempfile.TemporaryDirectory[str]:
    """Until this process ends: workers that come later ask for what was shipped before."""
    return tempfile.TemporaryDirectory(prefix="sluice-shipped-")


def observed(spark: SparkSession, settings: Settings, splits: list[Split]) -> DataFrame:
    """The frames of all splits' partials, one task a split."""
    plans = spark.createDataFrame([(i, split.plan()) for i, split in enumerate(splits)], "split int, plan string")
    return plans.repartitionById(len(splits), "split").mapInArrow(
        functools.partial(worker.observe, settings), FRAME_COLUMNS
    )


def detected(frames: DataFrame, settings: Settings, sources: int) -> DataFrame:
    """The results of all buckets, one task a bucket."""
    from pyspark.sql import functions as F

    dealt = frames.select(
        F.explode(F.sequence("first_bucket", "last_bucket")).alias("bucket"), "split", "number", "frame"
    )
    return (
        dealt.repartitionById(settings.buckets, "bucket")
        .sortWithinPartitions("bucket", "split", "number")
        .mapInArrow(functools.partial(worker.detect, settings, sources), RESULT_COLUMNS)
    )


def check(results: DataFrame, splits: list[Split], buckets: int) -> None:
    """That each bucket was evaluated once, on each split that was planned and no other; else `Refused`."""
    evaluated = sorted(row.bucket for row in results.filter(results.kind == FIGURES).select("bucket").collect())
    merged = results.filter(results.kind == MERGED).select("bucket", "split", "record").collect()
    check_merged(evaluated, [(row.bucket, row.split, bytes(row.record)) for row in merged], splits, buckets)


def check_merged(
    evaluated: list[int], merged: Iterable[tuple[int, int, bytes]], splits: list[Split], buckets: int
) -> None:
    if evaluated != list(range(buckets)):
        raise Refused(f"{buckets} buckets were planned, and these evaluated: {evaluated}")
    seen: dict[int, dict[int, bytes]] = {}
    for bucket, split, identity in merged:
        if split in seen.setdefault(bucket, {}):
            raise Refused(f"bucket {bucket} was evaluated more than once")
        seen[bucket][split] = identity
    planned = set(range(len(splits)))
    for bucket in range(buckets):
        of_bucket = seen.get(bucket, {})
        if of_bucket.keys() != planned:
            raise Refused(
                f"bucket {bucket}: splits without a partial {sorted(planned - of_bucket.keys())}, "
                f"partials without a split {sorted(of_bucket.keys() - planned)}"
            )
        # A task that is tried again reads its files again. (Copies are files of their own, and fit the plan by size.)
        for split, identity in of_bucket.items():
            if identity != seen[0][split] and not any(file.url for file in splits[split].files):
                raise Refused(f"a file was changed meanwhile: one of {[file.path for file in splits[split].files]}")


# Members of a record that are columns of the Parquet file.
PARQUET_COLUMNS = (
    "id string, rule string, vendor string, vendor_rule_id string, title string, severity string, risk_score int, "
    "tactics array<string>, techniques array<string>, client_ip string, window_start timestamp, window_end timestamp, "
    "first_seen timestamp, last_seen timestamp, event_count bigint, episode string, incident string, "
    "also_seen_by array<string>, message string"
)


def write(results: DataFrame, folder: Path) -> dict:
    """Writes the files of the result into a folder, and gives its figures."""
    from pyspark.sql import functions as F

    # Bytes of ids, times of equal length, 16 bytes of an address, none first; what is equal then has one client IP, and
    # so one bucket, within which `sluice merge` gave the order.
    detections = results.filter(results.kind == DETECTION).orderBy(
        "rule", "window_start", F.asc_nulls_first("address"), "bucket", "position"
    )
    with open(folder / "detections.ndjson", "xb") as file:
        for row in detections.select("record").toLocalIterator():
            file.write(bytes(row.record) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    record = F.col("record").cast("string")
    detections.select(F.from_json(record, PARQUET_COLUMNS).alias("columns"), record.alias("record")).select(
        "columns.*", "record"
    ).write.parquet((folder / "detections.parquet").as_uri())

    parts = results.filter(results.kind == FIGURES).orderBy("bucket").select("record").collect()
    figures = join_figures([json.loads(bytes(row.record)) for row in parts])
    with open(folder / "figures.json", "x", encoding="utf-8") as file:
        json.dump(figures, file, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    return figures


# Of one process, not of the job.
FIGURES_OF_A_RUN = (
    "threads", "wall_seconds", "cpu_seconds", "events_per_second", "bytes_per_second", "peak_rss_bytes"
)  # fmt: skip


def join_figures(parts: list[dict]) -> dict:
    """The job's figures, of its buckets': what is counted by shard is added, all else is of the whole archive in each."""
    joined = {name: value for name, value in parts[0].items() if name not in FIGURES_OF_A_RUN}
    joined["duplicates"] = sum(part["duplicates"] for part in parts)
    for name in ("detections", "suppressed"):
        if name in joined:
            joined[name] = {rule: sum(part[name][rule] for part in parts) for rule in joined[name]}
    for i, exception in enumerate(joined.get("exceptions", ())):
        for name in ("hidden", "expired"):
            exception[name] = sum(part["exceptions"][i][name] for part in parts)
    # That of merging, which read partials; the job read the archive.
    joined.update(files_read=joined["files"], files_reused=0, bytes_read=joined["bytes_compressed"])
    return joined


def publish(staged: Path, output: Path) -> None:
    """Gives the folder its name, all at once."""
    folder = os.open(output.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # An empty folder that is there would be replaced.
        if os.path.lexists(output):
            raise Refused(f"{output} is there already")
        os.rename(staged, output)
        os.fsync(folder)
    finally:
        os.close(folder)


def scan(spark: SparkSession, splits: list[Split], settings: Settings, output: Path) -> dict:
    """Runs the job, and gives the figures of its result, which lies in `output` then; whatever fails, nothing does."""
    sources = sum(len(split.files) for split in splits)
    # Beside its place, so that a rename is enough, and on the path that workers share.
    staged = output.parent / f".{output.name}.staged-{uuid.uuid4().hex}"
    staged.mkdir()
    try:
        results_folder = (staged / "results").as_uri()
        detected(observed(spark, settings, splits), settings, sources).write.parquet(results_folder)
        results = spark.read.schema(RESULT_COLUMNS).parquet(results_folder)
        check(results, splits, settings.buckets)
        figures = write(results, staged)
        shutil.rmtree(staged / "results")
        # Workers, which may be other users, wrote into it; the result is for its owner only.
        staged.chmod(0o700)
        publish(staged, output)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return figures


# Command line ------------------------------------------------------------------------------------------------------


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sluice_spark.py", description=__doc__.split("\n\n")[0])
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, directories, or URLs of either")
    parser.add_argument(
        "--output", required=True, type=Path, metavar="DIR", help="on a path that driver and workers share"
    )
    parser.add_argument(
        "--sluice", metavar="FILE", help="the program that is shipped; default: sluice on the driver's PATH"
    )
    parser.add_argument("--installed", metavar="FILE", help="where workers have the program: nothing is shipped")
    parser.add_argument("--shards", type=positive, default=256, metavar="K", help="a power of two (256)")
    parser.add_argument("--buckets", type=positive, default=32, metavar="B", help="tasks that evaluate, at most K (32)")
    parser.add_argument(
        "--split-bytes",
        type=positive,
        default=256 << 20,
        metavar="N",
        help="of the archive, that a task reads (256 MiB)",
    )
    parser.add_argument("--threads", type=positive, default=1, metavar="N", help="of a task, as spark.task.cpus (1)")
    parser.add_argument("--rules", type=Path, metavar="FILE", help="as of `sluice scan`, and so are the options below")
    parser.add_argument("--rule", action="append", default=[], metavar="ID")
    parser.add_argument("--window", choices=("scheduled", "all"))
    parser.add_argument("--from", metavar="TIME")
    parser.add_argument("--to", metavar="TIME")
    for flag in ("--strict", "--no-verify", "--keep-duplicates", "--no-evidence"):
        parser.add_argument(flag, action="store_true")
    try:
        options = parser.parse_args(arguments)
        if options.shards & (options.shards - 1):
            parser.error("--shards takes a power of two")
        return options
    except SystemExit as error:
        sys.exit(64 if error.code else 0)


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def main(arguments: list[str] | None = None) -> int:
    options = parsed(arguments)
    from pyspark.sql import SparkSession

    try:
        output = options.output.absolute()
        if os.path.lexists(output):
            raise Refused(f"{output} is there already")
        program = options.sluice or shutil.which("sluice")
        if program is None and options.installed is None:
            raise Refused("there is no sluice on the PATH; name one by --sluice")
        rules = options.rules.read_text(encoding="utf-8") if options.rules else None
        files = list_files(options.paths)
        if not files:
            raise Refused("there are no files")
        splits = plan_splits(files, options.split_bytes, functools.partial(may_be_cut, verifies=not options.no_verify))

        spark = SparkSession.builder.appName("sluice").getOrCreate()
        ship_code(spark)
        settings = Settings(
            shards=options.shards,
            buckets=min(options.buckets, options.shards),
            artifact=None if options.installed else ship_program(spark, str(program)),
            installed=options.installed,
            rules=rules,
            rule_ids=tuple(options.rule),
            partial_options=given(options, "strict", "no_verify"),
            merge_options=given(options, "window", "from", "to", "keep_duplicates", "no_evidence"),
            threads=options.threads,
        )
        print(f"{len(files)} files in {len(splits)} splits, {settings.buckets} buckets", file=sys.stderr)
        figures = scan(spark, splits, settings, output)
    except Exception as error:  # Whatever it is: the status that Python gives by itself has another meaning here.
        print(f"sluice_spark.py: {reason(error)}", file=sys.stderr)
        return 3
    for problem in figures["problems"]:
        print(
            f"{problem['file']!r} at {problem['offset']}: {problem['reason']}: {problem['message']!r}", file=sys.stderr
        )
    return 0 if figures["complete"] else 2


def reason(error: Exception) -> str:
    """Why there is no result. What failed on a worker comes wrapped in a long trace of Spark's, which leads nowhere."""
    text = str(error) or type(error).__name__
    on_worker = re.search(r"^(?:RuntimeError|sluice_worker\.PartialError): (.*)", text, re.MULTILINE)
    return on_worker[1] if on_worker else text.split("\n\tat ")[0][:4000]


def given(options: argparse.Namespace, *names: str) -> tuple[str, ...]:
    """Those of the options that were given, as they were."""
    values = {"--" + name.replace("_", "-"): getattr(options, name) for name in names}
    return tuple(
        part for name, value in values.items() if value for part in ((name,) if value is True else (name, value))
    )


if __name__ == "__main__":
    sys.exit(main())
