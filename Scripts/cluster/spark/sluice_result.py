"""The job's result: staged beside its place, checked, written and published, all on the driver."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sluice_plan import Refused, Split
from sluice_worker import DETECTION, FIGURES, MERGED

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@contextlib.contextmanager
def staged_folder(output: Path) -> Iterator[Path]:
    """The folder that becomes the output, for its owner only. Whatever fails, it is removed.

    It is made before anything is read, so that a place that cannot be written to is known then.
    """
    if os.path.lexists(output):
        raise Refused(f"{output} is there already")
    # Beside its place, so that a rename is enough, and on the path that workers share.
    staged = output.parent / f".{output.name}.staged-{uuid.uuid4().hex}"
    try:
        staged.mkdir(mode=0o700)
    except OSError as error:
        raise Refused(f"{output} cannot be written: {output.parent}: {error.strerror}") from error
    try:
        yield staged
    finally:
        # Not there any more once it is published.
        shutil.rmtree(staged, ignore_errors=True)


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
        file.writelines(bytes(row.record) + b"\n" for row in detections.select("record").toLocalIterator())
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


# Figures of one process, which the job does not have.
FIGURES_OF_A_RUN = (
    "threads", "wall_seconds", "cpu_seconds", "events_per_second", "bytes_per_second", "peak_rss_bytes"
)  # fmt: skip


def join_figures(parts: list[dict]) -> dict:
    """The job's figures from those of its buckets: counts by shard are added, all others are of the whole archive."""
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
