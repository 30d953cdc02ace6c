"""Frames, checks and results, without Spark."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import sluice_result as result
import sluice_spark as job
import sluice_worker as worker
from sluice_plan import File, Refused, Split, list_files
from sluice_worker import PartialError, Settings


def settings(**changes) -> Settings:
    return Settings(**{"shards": 64, "buckets": 5, "artifact": None, "installed": "sluice", "staged": "/", **changes})


SETTINGS = settings()


def frame(kind: int, number: int, before: int, payload: bytes = b"payload", **changes) -> bytes:
    """A frame as the format's page lays it out, number by number."""
    fields = {
        "magic": b"SLUICEPT", "version": 2, "flags": 0, "identity": b"i" * 16, "first": 0, "last": 0, "shards": 64,
        "stored": len(payload), **changes,
    }  # fmt: skip
    return (
        fields["magic"]
        + fields["version"].to_bytes(2, "little")
        + bytes([kind, fields["flags"]])
        + number.to_bytes(4, "little")
        + (77).to_bytes(8, "little")
        + fields["identity"]
        + fields["first"].to_bytes(4, "little")
        + fields["last"].to_bytes(4, "little")
        + fields["shards"].to_bytes(4, "little")
        + (3).to_bytes(4, "little")
        + len(payload).to_bytes(4, "little")
        + fields["stored"].to_bytes(4, "little")
        + before.to_bytes(8, "little")
        + bytes(16)
        + payload
    )


def partial(*kinds: int, **changes_of_last) -> bytes:
    content = b""
    for number, kind in enumerate(kinds):
        changes = changes_of_last if number == len(kinds) - 1 else {}
        content += frame(kind, number, len(content), **changes)
    return content


class Frames(unittest.TestCase):
    def test_parts_of_a_partial(self):
        content = partial(1, 2, 2, 3)
        frames = list(worker.read_frames(io.BytesIO(content)))
        self.assertEqual([(f.kind, f.number) for f in frames], [(1, 0), (2, 1), (2, 2), (3, 3)])
        self.assertEqual(b"".join(f.content for f in frames), content)
        self.assertEqual(frames[0].identity, b"i" * 16)

    def test_shards(self):
        content = partial(1, 2)
        content += frame(2, 2, len(content), first=12, last=13)
        content += frame(3, 3, len(content))
        frames = list(worker.read_frames(io.BytesIO(content)))
        self.assertEqual((frames[2].first_shard, frames[2].last_shard, frames[2].shards), (12, 13, 64))
        # 64 shards in 5 buckets: 0 to 12, 13 to 25, 26 to 38, 39 to 51, 52 to 63.
        self.assertEqual(worker.buckets_of(frames[2], SETTINGS), (0, 1))
        self.assertEqual(worker.buckets_of(frames[0], SETTINGS), (0, 4))
        self.assertEqual(worker.buckets_of(frames[3], SETTINGS), (0, 4))

    def test_totals_in_several_frames(self):
        content = partial(1, 3, flags=2)
        content += frame(3, 2, len(content))
        self.assertEqual(len(list(worker.read_frames(io.BytesIO(content)))), 3)

    def test_each_cut_is_noticed(self):
        content = partial(1, 2, 3)
        for length in range(len(content)):
            with self.subTest(length=length), self.assertRaises(PartialError):
                list(worker.read_frames(io.BytesIO(content[:length])))

    def test_refused(self):
        cases = {
            "other magic": partial(1, 2, 3, magic=b"SLUICEPX"),
            "other version": partial(1, 2, 3, version=1),
            "foreign frame": partial(1, 2, 3, identity=b"j" * 16),
            "frame dropped": partial(1, 2, 2, 3).replace(frame(2, 1, 95), b""),
            "frame doubled": partial(1, 2) + frame(2, 1, 95) + frame(3, 2, 190),
            "partial behind it": partial(1, 3) + partial(1, 3),
            "rows first": partial(2, 3),
            "rows last": partial(1, 3, 2),
            "no totals": partial(1, 2),
            "totals go on": partial(1, 3, flags=2),
            "unknown kind": partial(1, 4),
            "shards the wrong way": partial(1, 2, 3, first=2, last=1),
            "shard too many": partial(1, 2, 3, last=64),
            "long payload": partial(1, 2, 3, stored=(8 << 20) + 1),
            "empty": b"",
        }
        for name, content in cases.items():
            with self.subTest(name), self.assertRaises(PartialError):
                list(worker.read_frames(io.BytesIO(content)))

    def test_other_number_of_shards(self):
        frames = list(worker.read_frames(io.BytesIO(partial(1, 3))))
        with self.assertRaises(PartialError):
            worker.buckets_of(frames[0], settings(shards=128))

    def test_buckets_hold_each_shard_once(self):
        for shards in (1, 2, 64, 256):
            for buckets in {1, 2, 3, 7, shards} - set(range(shards + 1, 10)):
                dealt = settings(shards=shards, buckets=buckets)
                ranges = [dealt.shard_range(bucket) for bucket in range(buckets)]
                held = [shard for first, last in ranges for shard in range(first, last + 1)]
                self.assertEqual(held, list(range(shards)), ranges)
                for bucket, (first, last) in enumerate(ranges):
                    self.assertEqual({dealt.bucket(shard) for shard in range(first, last + 1)}, {bucket})
                sizes = [last - first + 1 for first, last in ranges]
                self.assertLessEqual(max(sizes) - min(sizes), 1)


class Checks(unittest.TestCase):
    splits = (*(Split((File(str(i), 1),)) for i in range(3)), Split((File("s3://b/k", 1, "s3://b", "b/k"),)))
    merged = tuple((bucket, split, b"%d" % split) for bucket in range(3) for split in range(4))

    def refused(self, evaluated: list[int], merged: tuple) -> None:
        with self.assertRaises(Refused):
            result.check_merged(evaluated, merged, self.splits, buckets=3)

    def test_all_is_there(self):
        result.check_merged([0, 1, 2], self.merged, self.splits, buckets=3)

    def test_each_split_of_each_bucket(self):
        for i in range(len(self.merged)):
            self.refused([0, 1, 2], self.merged[:i] + self.merged[i + 1 :])
            self.refused([0, 1, 2], (*self.merged, self.merged[i]))

    def test_changed_files(self):
        for i, (bucket, split, _) in enumerate(self.merged):
            changed = (*self.merged[:i], (bucket, split, b"other"), *self.merged[i + 1 :])
            if split < 3:
                self.refused([0, 1, 2], changed)
            else:
                # Each copy is another file.
                result.check_merged([0, 1, 2], changed, self.splits, buckets=3)

    def test_buckets_and_splits_too_many_or_too_few(self):
        self.refused([0, 1], self.merged)
        self.refused([0, 1, 1, 2], self.merged)
        self.refused([0, 1, 2, 3], self.merged)
        self.refused([0, 1, 2], (*self.merged, *((bucket, 4, b"4") for bucket in range(3))))


class Results(unittest.TestCase):
    def test_order(self):
        def key(rule: str, start: str, address: str | None):
            return worker.sort_key({"rule": rule, "window_start": start, "client_ip": address})

        first, second = "2026-01-05T10:00:00.000Z", "2026-01-05T10:05:00.000Z"
        addresses = ["::1", "9.0.0.1", "10.0.0.1", "203.0.113.9", "2001:db8::1", "fe80::1"]
        keys = [key("a", first, address) for address in addresses]
        self.assertEqual(sorted(keys), keys)
        self.assertEqual({len(address) for _, _, address in keys}, {16})
        self.assertIsNone(key("a", first, None)[2])
        self.assertLess(key("a", second, "9.0.0.1"), key("b", first, "9.0.0.1"))
        self.assertLess(key("a", first, "fe80::1"), key("a", second, "9.0.0.1"))

    def test_figures(self):
        def part(detections: int, hidden: int) -> dict:
            return {
                "schema": "sluice.stats/1", "files": 3, "bytes_compressed": 70, "duplicates": detections + 1,
                "detections": {"a": detections, "b": 0}, "suppressed": {"a": hidden, "b": 0},
                "exceptions": [{"id": "x", "hidden": hidden, "expired": 1}], "wall_seconds": 1.5, "files_read": 0,
                "files_reused": 3, "bytes_read": 0, "problems": [{"file": "f"}], "complete": False,
            }  # fmt: skip

        self.assertEqual(
            result.join_figures([part(2, 1), part(5, 4)]),
            {
                "schema": "sluice.stats/1", "files": 3, "bytes_compressed": 70, "duplicates": 9,
                "detections": {"a": 7, "b": 0}, "suppressed": {"a": 5, "b": 0},
                "exceptions": [{"id": "x", "hidden": 5, "expired": 2}], "files_read": 3, "files_reused": 0,
                "bytes_read": 70, "problems": [{"file": "f"}], "complete": False,
            },
        )  # fmt: skip

    def test_publishing_replaces_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            staged, output = Path(folder) / "staged", Path(folder) / "output"
            staged.mkdir()
            output.mkdir()
            with self.assertRaises(Refused):
                result.publish(staged, output)
            output.rmdir()
            result.publish(staged, output)
            self.assertEqual(os.listdir(folder), ["output"])


class Files(unittest.TestCase):
    """Files that change while a job runs."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.file = self.folder / "file"
        self.file.write_bytes(b"as planned")
        (self.folder / "new").write_bytes(b"replaced !")
        (self.file_as_planned,) = list_files([str(self.file)])

    def read(self, byte_range: str | None, change: str) -> None:
        """Makes a partial of the file with a program that changes it."""
        program = self.folder / "program"
        program.write_text(f"#!/bin/sh\ncd {self.folder}\n{change}\n")
        program.chmod(0o755)
        plan = json.loads(Split((self.file_as_planned,), byte_range).plan())
        worker.make_partial(settings(installed=str(program)), plan, self.folder)

    def test_a_range_of_a_file_as_it_was_planned(self):
        self.read("0..5", "cat file >/dev/null")

    def test_a_file_changed_while_a_range_of_it_is_read(self):
        for change in ("mv new file", "echo grown >>file"):
            with self.subTest(change), self.assertRaisesRegex(RuntimeError, "was changed after it was planned"):
                self.read("0..5", change)

    def test_a_file_changed_before_a_range_of_it_is_read(self):
        os.replace(self.folder / "new", self.file)
        with self.assertRaisesRegex(RuntimeError, "was changed after it was planned"):
            self.read("0..5", "touch was-read")
        self.assertFalse((self.folder / "was-read").exists())

    def test_a_whole_file_may_grow(self):
        self.read(None, "echo grown >>file")

    def test_a_copy_of_another_size_than_planned(self):
        url = self.file.as_uri()
        worker.fetch("copies/1", 10, url, str(self.file), self.folder)
        self.assertEqual((self.folder / "copies" / "1").read_bytes(), b"as planned")
        for size in (9, 11):
            with self.assertRaisesRegex(RuntimeError, f"has 10 bytes, and had {size} when"):
                worker.fetch(f"copies/{size}", size, url, str(self.file), self.folder)

    def test_a_folder_that_the_worker_does_not_see(self):
        worker.check_staged(str(self.folder))
        with self.assertRaisesRegex(RuntimeError, "cannot write to .*/none: No such file.* driver and workers share"):
            worker.check_staged(str(self.folder / "none"))
        self.assertEqual(sorted(os.listdir(self.folder)), ["file", "new"])


class Programs(unittest.TestCase):
    def test_status_and_what_it_said(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(worker.run(["sh", "-c", "exit 2"], Path(folder), accepted=(0, 2)), 2)
            with self.assertRaisesRegex(RuntimeError, "ended with 3: too bad"):
                worker.run(["sh", "-c", "echo too bad; exit 3"], Path(folder), accepted=(0, 2))

    def test_dies_with_its_parent(self):
        code = (
            "import sluice_worker as w, pathlib\n"
            "w.run(['sh', '-c', 'echo $$ >child; exec sleep 600'], pathlib.Path('.'), accepted=(0,))"
        )
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "PYTHONPATH": str(Path(worker.__file__).resolve().parent)}
            parent = subprocess.Popen([sys.executable, "-c", code], cwd=folder, env=environment)
            child = Path(folder) / "child"
            while not (child.exists() and child.read_text()):
                time.sleep(0.01)
            pid = int(child.read_text())
            parent.send_signal(signal.SIGKILL)
            parent.wait()
            deadline = time.monotonic() + 30
            while is_running(pid) and time.monotonic() < deadline:
                time.sleep(0.01)
            self.assertFalse(is_running(pid))

    def test_temporary_files_lie_in_its_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            worker.run(["sh", "-c", "echo $TMPDIR >said"], Path(folder), accepted=(0,))
            self.assertEqual((Path(folder) / "said").read_text().strip(), folder)

    def test_scratch_lies_on_spark_s_disks(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = mock.patch.dict(os.environ, {"SPARK_LOCAL_DIRS": f"{folder}/none,{folder}"})
            with environment, worker.scratch() as scratch:
                self.assertEqual(str(Path(scratch).parent), folder)

    def test_memory_that_is_asked_for(self):
        options = worker.limit_options(settings(child_bytes=99 << 20, tasks_at_once=4, threads=2))
        self.assertEqual(options, ["--threads", "2", "--memory", str(99 << 20)])

    def test_memory_that_is_shared(self):
        def memory(**changes) -> int:
            return int(worker.limit_options(settings(**changes))[-1])

        with mock.patch("sluice_memory.memory_limit", return_value=9 << 30):
            self.assertEqual(memory(tasks_at_once=4, heap_bytes=1 << 30), 1 << 30)
            with mock.patch("os.sched_getaffinity", return_value=set(range(16))):
                self.assertEqual(memory(threads=2, heap_bytes=1 << 30), 512 << 20)

    def test_options(self):
        with tempfile.TemporaryDirectory() as folder:
            ruled = settings(rules="rules: []\n", rule_ids=("a", "b"))
            self.assertEqual(
                worker.rule_options(ruled, Path(folder)), ["--rule", "a", "--rule", "b", "--rules", "rules.yaml"]
            )
            self.assertEqual((Path(folder) / "rules.yaml").read_text(), "rules: []\n")
        options = job.parsed(["--output", "o", "--from", "2026-01-05", "--no-evidence", "a", "b"])
        self.assertEqual(
            job.given(options, "window", "from", "to", "keep_duplicates", "no_evidence"),
            ("--from", "2026-01-05", "--no-evidence"),
        )


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


if __name__ == "__main__":
    unittest.main()
