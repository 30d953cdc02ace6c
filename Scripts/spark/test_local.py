"""The job in one process, plainly and by Spark Connect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import unittest
from datetime import datetime
from pathlib import Path

from pyspark.sql import SparkSession

import sluice_result as result
import sluice_spark as job
from spark_cases import SLUICE, SPLIT_BYTES, Refusals, SparkCase, wait_until
from test_units import is_running

os.environ["PYSPARK_PYTHON"] = sys.executable


class Local(Refusals, SparkCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.spark = (
            # A task that fails is tried once more, as on a cluster.
            SparkSession.builder.master("local[2,2]")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.local.dir", str(cls.folder / "local"))
            .getOrCreate()
        )
        cls.spark.sparkContext.setLogLevel("OFF")
        cls.addClassCleanup(cls.spark.stop)

    def test_same_as_a_scan(self):
        output, _ = self.run_job(self.archive)
        self.assert_same(output, self.expected)
        figures = json.loads((output / "figures.json").read_text())
        sluice_figures = self.folder / "figures.json"
        self.scan("--stats", sluice_figures, self.archive)
        expected = json.loads(sluice_figures.read_text())
        self.assertEqual(figures, {name: expected[name] for name in figures})
        self.assertEqual(expected.keys() - figures.keys(), set(result.FIGURES_OF_A_RUN))

        columns = self.spark.read.parquet((output / "detections.parquet").as_uri()).orderBy("id").collect()
        records = sorted(map(json.loads, self.expected.splitlines()), key=lambda record: record["id"])
        for row, record in zip(columns, records, strict=True):
            for name in (
                "id",
                "rule",
                "title",
                "client_ip",
                "risk_score",
                "event_count",
                "episode",
                "also_seen_by",
                "message",
            ):
                self.assertEqual(row[name], record[name])
            self.assertEqual(row.window_start.timestamp(), datetime.fromisoformat(record["window_start"]).timestamp())

    def test_rules_and_time(self):
        rules = self.folder / "rules.yaml"
        rules.write_text(
            "rules:\n  - id: okta-credential-stuffing\n    condition: total_attempts >= 10 and unique_users >= 5\n"
            "exceptions:\n  - id: half\n    cidr: 128.0.0.0/1\n    owner: o@sluice.invalid\n    reason: test\n"
        )
        arguments = [
            "--rules",
            rules,
            "--from",
            "2026-01-05T06:00:00Z",
            "--to",
            "2026-01-05T18:00:00Z",
            "--no-evidence",
            self.archive,
        ]
        expected = self.scan(*arguments)
        self.assertNotEqual(expected, self.expected)
        output, _ = self.run_job(*arguments)
        self.assert_same(output, expected)
        figures = json.loads((output / "figures.json").read_text())
        self.assertEqual(figures["exceptions"][0]["hidden"], expected.count(b'"suppressed":{'))

    def test_rules_without_a_client_ip(self):
        rules = self.folder / "by-user.yaml"
        rules.write_text(
            "rules:\n  - id: by-user\n    title: By user\n    severity: low\n    key: [actor.alternateId]\n"
            '    filter: [eventType == "user.account.lock"]\n    window: {length: 1h, slide: 1h}\n'
            "    columns: {locks: count()}\n    condition: locks >= 1\n"
        )
        arguments = ["--rules", rules, "--rule", "by-user", self.archive]
        expected = self.scan(*arguments).splitlines()
        self.assertGreater(len(expected), 20)
        output, _ = self.run_job(*arguments)
        # Of those that begin at the same time the order may be another.
        found = (output / "detections.ndjson").read_bytes().splitlines()
        self.assertEqual(sorted(found), sorted(expected))
        starts = [json.loads(line)["window_start"] for line in found]
        self.assertEqual(starts, sorted(starts))

    def test_files_that_workers_copy(self):
        """By pyarrow's filesystem, which decompresses .lz4 and .gz unless told not to, and by one of fsspec's."""
        for scheme in ("file", "local"):
            with self.subTest(scheme):
                output, _ = self.run_job(f"{scheme}://{self.archive}")
                expected = self.expected.replace(b'"file":"/', f'"file":"{scheme}:///'.encode())
                self.assert_same(output, expected)

    def test_a_big_file_is_cut(self):
        folder = self.folder / "big"
        folder.mkdir()
        command = (
            f"find '{self.archive}' -name '*.lz4' | sort | xargs lz4 -dcqm | lz4 -qz -B4 -BI --no-frame-crc > big.lz4"
        )
        subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], cwd=folder, check=True)
        expected = self.scan(folder)
        self.assertGreater(expected.count(b"\n"), 20)
        output, said = self.run_job(folder)
        splits = -(-(folder / "big.lz4").stat().st_size // SPLIT_BYTES)
        self.assertGreater(splits, 3)
        self.assertIn(f"1 files in {splits} splits", said)
        self.assert_same(output, expected)

    def test_damaged_input(self):
        damaged = self.folder / "damaged"
        damaged.mkdir()
        content = next(self.archive.rglob("*.lz4")).read_bytes()
        (damaged / "cut.lz4").write_bytes(content[: len(content) // 2])
        (damaged / "whole.lz4").write_bytes(content)
        expected = self.scan(damaged, accepted=(2,))
        output, said = self.run_job(damaged, status=2)
        self.assert_same(output, expected)
        self.assertIn("cut.lz4", said)
        self.assertFalse(json.loads((output / "figures.json").read_text())["complete"])

    def test_nothing_found(self):
        nothing = self.folder / "nothing"
        nothing.mkdir()
        (nothing / "empty").write_bytes(b"")
        output, _ = self.run_job(nothing)
        self.assert_same(output, b"")

    def test_failures(self):
        (self.folder / "no-files").mkdir(exist_ok=True)
        self.assertIn("no files", self.run_job(self.folder / "no-files", status=3)[1])
        self.assertIn("No such file", self.run_job(self.folder / "none", status=3)[1])
        self.assertIn("there is no file://", self.run_job(f"file://{self.folder}/none", status=3)[1])
        broken = self.program("broken", "echo out of luck; exit 3")
        self.assertIn("partial ended with 3: out of luck", self.run_job("--sluice", broken, self.archive, status=3)[1])
        merges_not = self.program("merges-not", f'[ "$1" != merge ] || exit 3\nexec {SLUICE} "$@"')
        self.assertIn("merge ended with 3", self.run_job("--sluice", merges_not, self.archive, status=3)[1])
        output, _ = self.run_job("--installed", SLUICE, self.archive)
        self.assert_same(output, self.expected)
        before = (output / "detections.ndjson").read_bytes()
        self.assertEqual(job.main(["--sluice", SLUICE, "--output", str(output), str(self.archive)]), 3)
        self.assertEqual((output / "detections.ndjson").read_bytes(), before)

    def test_a_failed_task_is_tried_again(self):
        # The first partial and the first merge fail, half-way.
        once = self.program(
            "once",
            f'mkdir "{self.folder}/tried-$1" 2>/dev/null && {{ echo junk >partial; echo junk >detections; exit 9; }}\n'
            f'exec {SLUICE} "$@"',
        )
        output, _ = self.run_job("--sluice", once, self.archive)
        self.assert_same(output, self.expected)
        self.assertTrue((self.folder / "tried-partial").exists() and (self.folder / "tried-merge").exists())

    def test_children_die_with_their_task(self):
        children = self.folder / "children"
        children.mkdir()
        slow = self.program("slow", f'touch "{children}/$$"\nexec sleep 600')
        thread = threading.Thread(target=self.run_job, args=("--sluice", slow, self.archive), kwargs={"status": 3})
        thread.start()
        wait_until(lambda: len(os.listdir(children)) >= 2)
        self.spark.sparkContext.cancelAllJobs()
        thread.join()
        wait_until(lambda: not any(is_running(int(pid)) for pid in os.listdir(children)))

    def program(self, name: str, body: str) -> Path:
        place = self.folder / name
        place.write_text(f"#!/bin/sh\n{body}\n")
        place.chmod(0o755)
        return place


class Connect(SparkCase):
    def test_same_as_a_scan(self):
        """By a client that has no Java of its own, in a process of its own: one has either kind of session."""
        output = self.folder / "result"
        code = (
            "import sys, sluice_spark as job\n"
            "from pyspark.sql import SparkSession\n"
            "spark = SparkSession.builder.remote('local[2]').getOrCreate()\n"
            "assert 'connect' in type(spark).__module__\n"
            "status = job.main(sys.argv[1:])\n"
            "spark.stop()\n"
            "sys.exit(status)"
        )
        options = [
            "--sluice",
            SLUICE,
            "--shards",
            "64",
            "--buckets",
            "3",
            "--split-bytes",
            "6000000",
            "--output",
            str(output),
        ]
        said = subprocess.run(
            [sys.executable, "-c", code, *options, str(self.archive)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=Path(__file__).resolve().parent, timeout=300,
        )  # fmt: skip
        self.assertEqual(said.returncode, 0, said.stdout.decode(errors="replace")[-4000:])
        self.assert_same(output, self.expected)


if __name__ == "__main__":
    unittest.main()
