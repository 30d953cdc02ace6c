"""The job on a standalone master and two workers on the loopback interface, of which one is killed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pyspark
from pyspark.sql import SparkSession

from spark_cases import SLUICE, Refusals, SparkCase, wait_until
from test_units import is_running

os.environ["PYSPARK_PYTHON"] = sys.executable
HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Daemon:
    """A master or worker, in a process group of its own, in which a worker's executors are too."""

    def __init__(self, folder: Path, name: str, *arguments: str) -> None:
        self.folder = folder / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        home = Path(pyspark.__file__).parent
        environment = {
            **os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_DIRS": str(self.folder), "SPARK_LOCAL_IP": HOST,
            "SPARK_DAEMON_MEMORY": "512m",
        }  # fmt: skip
        self.log = self.folder / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(home / "bin" / "spark-class"), *arguments, "--host", HOST, "--webui-port", str(free_port())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True,
            )  # fmt: skip

    def says(self, text: str) -> bool:
        return text.encode() in self.log.read_bytes()

    def kill(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


class Cluster(Refusals, SparkCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        port = free_port()
        cls.url = f"spark://{HOST}:{port}"
        master = Daemon(cls.folder, "master", "org.apache.spark.deploy.master.Master", "--port", str(port))
        cls.addClassCleanup(master.kill)
        wait_until(lambda: master.says("I have been elected leader"))
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
            # What a killed worker held is asked for in vain: not for long.
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
        thread = threading.Thread(target=lambda: result.append(self.run_job("--sluice", slow, self.archive)))
        thread.start()
        wait_until(lambda: any(place.read_text() for place in children.iterdir()))
        self.workers["second"].kill()
        pids = [int(place.name) for place in children.iterdir()]
        wait_until(lambda: not any(map(is_running, pids)), seconds=15)
        thread.join()
        self.assertEqual(len(result), 1)
        self.assert_same(result[0][0], self.expected)

    def test_same_as_a_scan(self):
        output, _ = self.run_job(self.archive)
        self.assert_same(output, self.expected)

    def test_worker_killed_while_it_makes_partials(self):
        self.run_and_kill("partial")

    def test_worker_killed_while_it_merges(self):
        self.run_and_kill("merge")
