"""The job in one process, plainly and by Spark Connect."""

from __future__ import annotations

import dataclasses
import json
import os
import shlex
import subprocess
import sys
import threading
import unittest
from datetime import datetime
from pathlib import Path
from unittest import mock

from pyspark.sql import DataFrame, SparkSession

import sluice_memory
import sluice_result as result
import sluice_spark as job
from spark_cases import SLUICE, SPLIT_BYTES, Refusals, SparkCase, wait_until
from test_units import is_running

os.environ["PYSPARK_PYTHON"] = sys.executable
ROOT = Path(__file__).resolve().parents[3]


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
        status, expected = self.scan(*arguments)
        self.assertEqual(status, 0)
        self.assertNotEqual(expected, self.expected)
        output, _ = self.run_job(*arguments)
        self.assert_same(output, expected)
        figures = json.loads((output / "figures.json").read_text())
        self.assertEqual(figures["exceptions"][0]["hidden"], expected.count(b'"suppressed":{'))

    def test_windows_of_the_whole_range(self):
        _, expected = self.scan("--window", "all", self.archive)
        self.assertNotEqual(expected, self.expected)
        output, _ = self.run_job("--window", "all", self.archive)
        self.assert_same(output, expected)

    def test_rules_without_a_client_ip(self):
        rules = self.folder / "by-user.yaml"
        rules.write_text(
            "rules:\n  - id: by-user\n    title: By user\n    severity: low\n    key: [actor.alternateId]\n"
            '    filter: [eventType == "user.account.lock"]\n    window: {length: 1h, slide: 1h}\n'
            "    columns: {locks: count()}\n    condition: locks >= 1\n"
        )
        arguments = ["--rules", rules, "--rule", "by-user", self.archive]
        expected = self.scan(*arguments)[1].splitlines()
        self.assertGreater(len(expected), 20)
        output, _ = self.run_job(*arguments)
        # Detections that begin at the same time may stand in another order.
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
        self.make_big_file(folder / "big.lz4")
        _, expected = self.scan(folder)
        self.assertGreater(expected.count(b"\n"), 20)
        output, said = self.run_job(folder)
        splits = -(-(folder / "big.lz4").stat().st_size // SPLIT_BYTES)
        self.assertGreater(splits, 3)
        self.assertIn(f"1 files in {splits} splits", said)
        self.assert_same(output, expected)

    def test_a_big_file_that_is_replaced_between_two_ranges(self):
        folder = self.folder / "replaced"
        folder.mkdir()
        self.make_big_file(folder / "big.lz4")
        self.make_big_file(self.folder / "other.lz4", order="sort -r")
        replaces = self.program(
            "replaces",
            f'{SLUICE} "$@"; status=$?\n'
            f'[ "$1" != partial ] || mv "{self.folder}/other.lz4" "{folder}/big.lz4" 2>/dev/null\nexit $status',
        )
        _, said = self.run_job("--sluice", replaces, folder, status=3)
        self.assertIn("big.lz4 was changed after it was planned", said)

    def test_options_of_a_scan(self):
        """Each where it makes a difference."""
        folder = self.folder / "options"
        folder.mkdir()
        content = bytearray(self.compressed().read_bytes())
        (folder / "again.lz4").write_bytes(content)
        (folder / "a-line-that-is-cut").write_bytes(20 * self.event + b'{"eventType":')
        # The last four bytes are the checksum of the frame's content.
        content[-1] ^= 1
        (folder / "checksum.lz4").write_bytes(content)
        figures = {}
        for options in ((), ("--strict",), ("--no-verify",), ("--keep-duplicates",)):
            with self.subTest(options):
                place = self.folder / "figures.json"
                status, expected = self.scan("--stats", place, *options, folder)
                output, _ = self.run_job(*options, folder, status=status)
                self.assert_same(output, expected)
                of_scan, of_job = (json.loads(file.read_text()) for file in (place, output / "figures.json"))
                self.assertEqual(of_job, {name: of_scan[name] for name in of_job})
                of_job["found"] = expected
                self.assertNotIn(of_job, figures.values())
                figures[options] = of_job

    def test_the_command_of_the_page(self):
        lines = (ROOT / "Sources/sluice/sluice.docc/Clusters.md").read_text().splitlines()
        (line,) = (line for line in lines if line.startswith("spark-submit "))
        output = self.folder / "of-the-page"
        places = {"/shared/result": output, "/archive/okta": self.archive}
        command = [str(places.get(part, part)) for part in shlex.split(line)]
        self.assertEqual(command[-3:], ["--output", str(output), str(self.archive)])
        programs = self.folder / "programs"
        programs.mkdir()
        (programs / "sluice").symlink_to(SLUICE)
        environment = {
            **os.environ,
            "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(self.folder),
            "SPARK_SUBMIT_OPTS": "-Dspark.ui.enabled=false",
        }
        said = subprocess.run(
            command, check=False, cwd=ROOT, env=environment, timeout=300,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.assertEqual(said.returncode, 0, said.stdout.decode(errors="replace")[-4000:])
        self.assert_same(output, self.expected)

    def test_children_keep_to_their_memory_and_folders(self):
        calls = self.folder / "calls"
        calls.mkdir()
        logs = self.program(
            "logs",
            f'{{ echo "$PWD"; echo "$TMPDIR"; stat -c %a "{self.folder}"/*/.result.staged-*; echo "$*"; }} '
            f'>"{calls}/$$"\n'
            f'exec {SLUICE} "$@"',
        )
        before = os.umask(0)
        try:
            with mock.patch.object(job, "shape_of_executors", return_value=(4, 1 << 30)):
                self.run_job("--sluice", logs, self.archive)
        finally:
            os.umask(before)
        share = sluice_memory.child_bytes(sluice_memory.memory_limit(), 4, 1 << 30)
        commands = set()
        for call in calls.iterdir():
            scratch, temporary, mode, command, *arguments = call.read_text().replace("\n", " ").split()
            self.assertTrue(scratch.startswith(str(self.folder / "local")), scratch)
            self.assertEqual(temporary, scratch)
            self.assertEqual(mode, "700")
            self.assertEqual(arguments[arguments.index("--memory") + 1], str(share))
            commands.add(command)
        self.assertEqual(commands, {"partial", "merge"})

    def test_a_bucket_or_split_that_is_lost_is_noticed_at_the_end(self):
        detected = job.detected
        for lost, why in {
            "kind = 'merged' and bucket = 1 and split = 2": r"bucket 1: splits without a partial \[2\]",
            "kind = 'figures' and bucket = 1": r"3 buckets were planned, and these evaluated: \[0, 2\]",
        }.items():

            def loses(*arguments, lost: str = lost) -> DataFrame:
                return detected(*arguments).filter(f"not ({lost})")

            with self.subTest(lost), mock.patch.object(job, "detected", loses):
                self.assertRegex(self.run_job(self.archive, status=3)[1], why)

    def test_workers_that_cannot_write_the_result_read_nothing(self):
        logs = self.program("never", f'touch "{self.folder}/was-run"\nexit 9')
        nowhere = dataclasses.replace(
            self.settings, staged=str(self.folder / "nowhere"), artifact=None, installed=str(logs)
        )
        with self.assertRaises(Exception) as raised:
            job.observed(self.spark, nowhere, self.splits).count()
        self.assertRegex(job.reason(raised.exception), "cannot write to .*/nowhere: No such file")
        self.assertFalse((self.folder / "was-run").exists())

    def test_damaged_input(self):
        damaged = self.folder / "damaged"
        damaged.mkdir()
        content = self.compressed().read_bytes()
        (damaged / "cut.lz4").write_bytes(content[: len(content) // 2])
        (damaged / "whole.lz4").write_bytes(content)
        _, expected = self.scan(damaged, accepted=(2,))
        output, said = self.run_job(damaged, status=2)
        self.assert_same(output, expected)
        self.assertIn("cut.lz4", said)
        self.assertFalse(json.loads((output / "figures.json").read_text())["complete"])

    def test_nothing_found(self):
        nothing = self.folder / "nothing"
        nothing.mkdir()
        (nothing / "empty").write_bytes(b"")
        status, _ = self.scan(nothing)
        output, _ = self.run_job(nothing, status=status)
        self.assert_same(output, b"")

    def test_failures(self):
        self.assertIn(
            "cannot be written", self.run_job("--output", self.folder / "none" / "result", "/none", status=3)[1]
        )
        (self.folder / "no-files").mkdir(exist_ok=True)
        self.assertIn("is it mounted", self.run_job(self.folder / "no-files", status=3)[1])
        self.assertIn("is it mounted", self.run_job(self.archive, self.folder / "no-files", status=3)[1])
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
            check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
        )  # fmt: skip
        self.assertEqual(said.returncode, 0, said.stdout.decode(errors="replace")[-4000:])
        self.assert_same(output, self.expected)


if __name__ == "__main__":
    unittest.main()
