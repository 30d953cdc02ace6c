"""What the tests of the job in one process and on a cluster have in common."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

import sluice_result as result
import sluice_spark as job
from sluice_plan import Split, list_files, plan_splits
from sluice_worker import KIND_OFFSET, TOTALS, Settings

SLUICE = os.environ["SLUICE"]
# JVMs that live for seconds do best with little compiling: this saves a third of the processor time.
os.environ["JDK_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SHARDS, BUCKETS, SPLIT_BYTES = 64, 3, 6_000_000


def sluice(*arguments: str, accepted: tuple[int, ...] = (0,)) -> int:
    said = subprocess.run([SLUICE, *arguments], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert said.returncode in accepted, said.stdout.decode(errors="replace")
    return said.returncode


class SparkCase(unittest.TestCase):
    """Has an archive with attacks, what a scan finds in it, and a session, which subclasses make."""

    folder: Path
    archive: Path
    event: bytes
    spark: SparkSession

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp(prefix="sluice-spark-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        sluice("generate", "--events", "60000", "--seed", "11", "--output", str(cls.folder / "made"))
        cls.archive = cls.folder / "made" / "archive"
        content = subprocess.run(["lz4", "-dcq", cls.compressed()], check=True, stdout=subprocess.PIPE).stdout
        cls.event = content.splitlines(keepends=True)[0]
        (cls.archive / "a name\nof two lines").write_bytes(cls.event)
        (cls.archive / "empty").write_bytes(b"")
        _, cls.expected = cls.scan(cls.archive, accepted=(0,))
        assert cls.expected.count(b"\n") >= 20

    @classmethod
    def compressed(cls) -> Path:
        """One LZ4 file of the archive, the same each time."""
        return min(cls.archive.rglob("*.lz4"))

    @classmethod
    def scan(cls, *arguments: str | Path, accepted: tuple[int, ...] = (0, 2)) -> tuple[int, bytes]:
        """A scan's status and detections."""
        place = cls.folder / "scan.ndjson"
        status = sluice("scan", "--no-triage", "--output", str(place), *map(str, arguments), accepted=accepted)
        return status, place.read_bytes()

    def run_job(self, *arguments: str | Path, status: int = 0) -> tuple[Path, str]:
        """Runs the job, which must end with a status; gives the folder of its result, and what it said."""
        output = Path(tempfile.mkdtemp(dir=self.folder)) / "result"
        said = io.StringIO()
        options = ["--shards", str(SHARDS), "--buckets", str(BUCKETS), "--split-bytes", str(SPLIT_BYTES)]
        options += ["--output", str(output)]
        if "--sluice" not in arguments and "--installed" not in arguments:
            options += ["--sluice", SLUICE]
        with contextlib.redirect_stderr(said):
            got = job.main([*options, *map(str, arguments)])
        self.assertEqual(got, status, said.getvalue())
        # Nothing staged is left; nothing is there at all if it failed.
        self.assertEqual(os.listdir(output.parent), [] if status == 3 else ["result"])
        return output, said.getvalue()

    def program(self, name: str, body: str) -> Path:
        place = self.folder / name
        place.write_text(f"#!/bin/sh\n{body}\n")
        place.chmod(0o755)
        return place

    @classmethod
    def make_big_file(cls, place: Path, order: str = "sort") -> None:
        """One LZ4 frame of independent blocks, with no checksum of its content, so that it may be cut into ranges."""
        files = f"find '{cls.archive}' -name '*.lz4' | {order} | xargs -d '\\n'"
        command = f"{files} lz4 -dcqm | lz4 -qz -B4 -BI --no-frame-crc >'{place}'"
        subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], check=True)

    def assert_same(self, output: Path, expected: bytes) -> None:
        """The detections are the expected bytes, and so are the records of the Parquet file."""
        self.assertEqual((output / "detections.ndjson").read_bytes(), expected)
        self.assertEqual(output.stat().st_mode & 0o077, 0)
        import pyarrow.parquet

        table = pyarrow.parquet.read_table(output / "detections.parquet")
        self.assertEqual([line.encode() for line in table.column("record").to_pylist()], expected.splitlines())


class Refusals:
    """A partial that is dropped, doubled or changed between its making and its merging. Mixed into a SparkCase."""

    @functools.cached_property
    def frames(self) -> DataFrame:
        """What all splits gave, kept."""
        frames = self.folder / "frames"
        if not frames.exists():
            job.observed(self.spark, self.settings, self.splits).write.parquet(frames.as_uri())
        return self.spark.read.parquet(frames.as_uri())

    @functools.cached_property
    def splits(self) -> list[Split]:
        splits = plan_splits(list_files([str(self.archive)]), SPLIT_BYTES, lambda file: False)
        self.assertGreater(len(splits), 3)
        return splits

    @functools.cached_property
    def settings(self) -> Settings:
        job.ship_code(self.spark)
        artifact = job.ship_program(self.spark, SLUICE)
        return Settings(SHARDS, BUCKETS, artifact=artifact, installed=None, staged=str(self.folder))

    def results(self, frames: DataFrame) -> DataFrame:
        results = self.folder / f"results-{time.monotonic_ns()}"
        sources = sum(len(split.files) for split in self.splits)
        job.detected(frames, self.settings, sources).write.parquet(results.as_uri())
        return self.spark.read.parquet(results.as_uri())

    def assert_refused(self, frames: DataFrame, why: str) -> None:
        with self.assertRaises(Exception) as raised:
            self.results(frames)
        self.assertRegex(job.reason(raised.exception), why)

    def test_nothing_to_refuse(self):
        result.check(self.results(self.frames), self.splits, BUCKETS)

    def test_dropped_partial(self):
        self.assert_refused(self.frames.filter("split != 2"), r"merge ended with 3: .*sources were expected")

    def test_doubled_partial(self):
        again = self.frames.filter("split = 2").withColumn("split", F.lit(1000))
        self.assert_refused(self.frames.union(again), r"merge ended with 3: .*is in two partials")

    def test_doubled_frames(self):
        self.assert_refused(self.frames.union(self.frames.filter("split = 2")), r"merge ended with 3: ")

    def test_dropped_rows(self):
        # The rows of one shard of one split.
        self.assert_refused(self.frames.filter("not (split = 2 and number = 3)"), r"merge ended with 3: ")

    def test_dropped_totals(self):
        kind = F.ascii(F.substring("frame", KIND_OFFSET + 1, 1))
        self.assert_refused(self.frames.filter(~((F.col("split") == 2) & (kind == TOTALS))), r"merge ended with 3: ")

    def test_changed_frame(self):
        changed = F.concat(F.substring("frame", 1, 90), F.lit(b"?"), F.expr("substring(frame, 92)"))
        here = (F.col("split") == 2) & (F.col("number") == 3)
        self.assert_refused(
            self.frames.withColumn("frame", F.when(here, changed).otherwise(F.col("frame"))), r"merge ended with 3: "
        )


def wait_until(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
