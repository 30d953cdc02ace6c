"""How the job starts, and what it says if it cannot, without Spark."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import types
import unittest
from pathlib import Path
from unittest import mock

import sluice_result as result
import sluice_spark as job
from sluice_plan import Refused

JOB = Path(job.__file__).resolve().parent


class CommandLine(unittest.TestCase):
    def test_wrong_usage(self):
        for arguments in (
            [],
            ["a"],
            ["--output", "o"],
            ["--output", "o", "--shards", "0", "a"],
            ["--output", "o", "--shards", "6", "a"],
        ):
            said = contextlib.redirect_stderr(io.StringIO())
            with self.subTest(arguments), said, self.assertRaises(SystemExit) as raised:
                job.parsed(arguments)
            self.assertEqual(raised.exception.code, 64)

    def test_reasons(self):
        trace = "Job aborted\n  at x.scala\nRuntimeError: sluice merge ended with 3: doubled\n\tat y"
        self.assertEqual(job.reason(Exception(trace)), "sluice merge ended with 3: doubled")
        self.assertEqual(job.reason(Refused("no files")), "no files")
        trace = "Job aborted\nTraceback\n  import pandas\nModuleNotFoundError: No module named 'pandas'\n\tat y"
        self.assertIn("No module named 'pandas' for a worker's Python", job.reason(Exception(trace)))

    def test_memory(self):
        self.assertEqual(job.parsed(["--output", "o", "--memory", "1.5G", "a"]).memory, 3 << 29)
        for memory in ("63M", "much"):
            said = contextlib.redirect_stderr(io.StringIO())
            with self.subTest(memory), said, self.assertRaises(SystemExit) as raised:
                job.parsed(["--output", "o", "--memory", memory, "a"])
            self.assertEqual(raised.exception.code, 64)


class Program(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name in ("sluice", "sluice-2"):
            (self.folder / name).touch(mode=0o755)
        path = mock.patch.dict(os.environ, {"PATH": folder.name})
        path.start()
        self.addCleanup(path.stop)

    def test_a_name_is_looked_up_on_the_path(self):
        self.assertEqual(job.find_program(None), str(self.folder / "sluice"))
        self.assertEqual(job.find_program("sluice"), str(self.folder / "sluice"))
        self.assertEqual(job.find_program("sluice-2"), str(self.folder / "sluice-2"))

    def test_a_path_is_that_file(self):
        self.assertEqual(job.find_program("/bin/sh"), "/bin/sh")

    def test_no_program(self):
        (self.folder / "sluice").chmod(0o644)
        for name, why in {
            None: "there is no sluice on the PATH",
            "sluice-3": "there is no sluice-3 on the PATH",
            f"{self.folder}/sluice": "/sluice is no program",
        }.items():
            with self.subTest(name), self.assertRaisesRegex(Refused, why):
                job.find_program(name)


class Packages(unittest.TestCase):
    def test_what_is_missing_and_how_to_install_it(self):
        # Without site-packages.
        said = subprocess.run(
            [sys.executable, "-S", str(JOB / "sluice_spark.py"), "--output", "/none/result", "/none"],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        self.assertEqual(said.returncode, 3, said.stderr)
        self.assertIn("lacks pyspark, pandas, pyarrow; run: ", said.stderr)
        self.assertIn(f" -m pip install -r {JOB}/requirements.txt\n", said.stderr)
        self.assertTrue((JOB / "requirements.txt").is_file())

    def test_an_old_spark(self):
        for version, is_old in {
            "3.5.7": True,
            "4.0.2": True,
            "4.1.0": False,
            "4.3.0.dev1": False,
            "10.0.0": False,
        }.items():
            spark = types.SimpleNamespace(__version__=version)
            refused = self.assertRaisesRegex(Refused, "is too old") if is_old else contextlib.nullcontext()
            modules, found = mock.patch.dict(sys.modules, {"pyspark": spark}), mock.patch("importlib.util.find_spec")
            with self.subTest(version), modules, found, refused:
                job.check_packages()


class Executors(unittest.TestCase):
    def shape(self, **configured: str) -> tuple[int | None, int]:
        return job.shape_of_executors(types.SimpleNamespace(conf={f"spark.{k}": v for k, v in configured.items()}))

    def test_of_one_process(self):
        self.assertEqual(self.shape(master="local"), (1, 1 << 30))
        self.assertEqual(self.shape(master="local[4]", **{"driver.memory": "2g"}), (4, 2 << 30))
        self.assertEqual(self.shape(master="local[4,2]", **{"task.cpus": "2"}), (2, 1 << 30))
        self.assertEqual(self.shape(master="local[*]"), (None, 1 << 30))

    def test_of_clusters(self):
        self.assertEqual(self.shape(master="spark://m:7077"), (None, 1 << 30))
        cores = {"executor.cores": "8", "task.cpus": "2", "executor.memory": "512"}
        self.assertEqual(self.shape(master="spark://m:7077", **cores), (4, 512 << 20))
        for master in ("yarn", "k8s://https://m"):
            self.assertEqual(self.shape(master=master), (1, 1 << 30))


class Staging(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_it_is_for_its_owner_only_whatever_the_umask(self):
        before = os.umask(0)
        try:
            with result.staged_folder(self.folder / "result") as staged:
                self.assertEqual(staged.stat().st_mode & 0o777, 0o700)
                self.assertEqual(staged.parent, self.folder)
        finally:
            os.umask(before)

    def test_what_fails_leaves_nothing(self):
        with self.assertRaises(KeyboardInterrupt), result.staged_folder(self.folder / "result") as staged:
            (staged / "results").mkdir()
            raise KeyboardInterrupt
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_place_that_cannot_be_written_to(self):
        (self.folder / "file").touch()
        for place, why in {
            "file": "is there already",
            "none/result": "No such file",
            "file/result": "Not a dir",
        }.items():
            with self.subTest(place), self.assertRaisesRegex(Refused, why), result.staged_folder(self.folder / place):
                self.fail("it was staged")


if __name__ == "__main__":
    unittest.main()
