"""The job on a standalone master and two workers on the loopback interface, of which one is killed."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pyspark
from pyspark.sql import SparkSession

from sluice_plan import list_files, plan_splits
from sluice_worker import die_with_parent
from spark_cases import SLUICE, SPLIT_BYTES, Refusals, SparkCase, wait_until
from test_units import is_running

os.environ["PYSPARK_PYTHON"] = sys.executable
HOST = "127.0.0.1"


class Daemon:
    """A master or worker, in a process group of its own, in which a worker's executors are too.

    It ends with this process at the latest.
    """

    def __init__(self, folder: Path, name: str, *arguments: str) -> None:
        self.folder = folder / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        home = Path(pyspark.__file__).parent
        # Executors must take the code that the driver ships, not the repository's.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment = {
            **inherited, "SPARK_HOME": str(home), "SPARK_LOCAL_DIRS": str(self.folder), "SPARK_LOCAL_IP": HOST,
            "SPARK_DAEMON_MEMORY": "512m", "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
        }  # fmt: skip
        self.log = self.folder / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(home / "bin" / "spark-class"), *arguments, "--host", HOST, "--port", "0", "--webui-port", "0"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True,
                preexec_fn=functools.partial(die_with_parent, os.getpid()),  # noqa: PLW1509
            )  # fmt: skip

    def says(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self.log.read_text(errors="replace"))

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Cluster(Refusals, SparkCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        # One file that is read in ranges, and one of which the end is missing.
        cls.make_big_file(cls.folder / "big.lz4")
        (cls.folder / "big.lz4").rename(cls.archive / "big.lz4")
        content = cls.compressed().read_bytes()
        (cls.archive / "truncated.lz4").write_bytes(content[: len(content) // 2])
        _, cls.expected = cls.scan(cls.archive, accepted=(2,))
        master = Daemon(cls.folder, "master", "org.apache.spark.deploy.master.Master")
        cls.addClassCleanup(master.kill)
        wait_until(lambda: master.says("I have been elected leader"))
        cls.url = master.says(r"Starting Spark master at (spark://\S+)")[1]
        cls.workers: dict[str, Daemon] = {}
        cls.addClassCleanup(lambda: [worker.kill() for worker in cls.workers.values()])
        for name in ("first", "second"):
            cls.start(name)
        cls.spark = (
            SparkSession.builder.master(cls.url)
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.bindAddress", HOST)
            .config("spark.driver.host", HOST)
            .config("spark.local.dir", str(cls.folder / "local"))
            .config("spark.executor.memory", "512m")
            # Asking a killed worker for its blocks is in vain, so it is soon given up.
            .config("spark.shuffle.io.maxRetries", "1")
            .config("spark.shuffle.io.retryWait", "1s")
            .getOrCreate()
        )
        cls.spark.sparkContext.setLogLevel("OFF")
        cls.addClassCleanup(cls.spark.stop)

    @classmethod
    def start(cls, name: str) -> None:
        worker = Daemon(
            cls.folder, name, "org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory", "600m",
            "--work-dir", str(cls.folder / name), cls.url,
        )  # fmt: skip
        cls.workers[name] = worker
        wait_until(lambda: worker.says("Successfully registered with master"))

    def setUp(self) -> None:
        if self.workers["second"].process.poll() is not None:
            self.start("second")
        # Both work.
        executors = self.spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos
        wait_until(lambda: len(executors()) == 3)  # The driver is one of them.

    def run_and_kill(self, command: str) -> None:
        """Kills the second worker, with its executor, while it runs `sluice COMMAND`."""
        children = self.folder / f"children-{command}"
        children.mkdir()
        # Says where it runs, and takes its time; a second try on another worker takes none.
        slow = self.folder / f"slow-{command}"
        slow.write_text(
            f'#!/bin/sh\nif [ "$1" = {command} ]; then\n'
            f'  case $PWD in {self.folder}/second/*) echo $$ >"{children}/$$"; sleep 20 ;; esac\n'
            f'fi\nexec {SLUICE} "$@"\n'
        )
        slow.chmod(0o755)
        result: list = []
        thread = threading.Thread(target=lambda: result.append(self.run_job("--sluice", slow, self.archive, status=2)))
        thread.start()
        wait_until(lambda: any(place.read_text() for place in children.iterdir()))
        self.workers["second"].kill()
        pids = [int(place.name) for place in children.iterdir()]
        wait_until(lambda: not any(map(is_running, pids)), seconds=15)
        thread.join()
        self.assertEqual(len(result), 1)
        self.assert_same(result[0][0], self.expected)

    def test_same_as_a_scan(self):
        output, said = self.run_job(self.archive, status=2)
        self.assert_same(output, self.expected)
        self.assertIn("truncated.lz4", said)
        files, splits = map(int, re.match(r"(\d+) files in (\d+) splits", said).groups())
        whole = plan_splits(list_files([str(self.archive)]), SPLIT_BYTES, lambda file: False)
        self.assertEqual(files, sum(len(split.files) for split in whole))
        self.assertGreater(splits, len(whole))

    def test_worker_killed_while_it_makes_partials(self):
        self.run_and_kill("partial")

    def test_worker_killed_while_it_merges(self):
        self.run_and_kill("merge")
