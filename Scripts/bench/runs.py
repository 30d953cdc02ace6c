"""Runs commands and measures them in interleaved pairs: A, B, A, B, …

A pair is (reference, measured); its ratio is reference seconds over measured seconds, so that more is better in every
row of the table. Three clocks are kept: the program's own (`seconds`: for `sluice` from listing the files to the last
detection, for `decode-alone` the decoding, for a peer its query), the whole process's (`process_seconds`), and its
processor time (`cpu_seconds`), which other work on the machine disturbs least.
A command that fails raises `Failure`: a figure without an answer is worth nothing.
"""

import json
import resource
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

# A process's peak memory begins, on Linux, at that of the process that started it, so that this program's own memory
# would show in `peak_rss_bytes`. A shell that stays in between has almost none.
SMALL_PARENT = ["sh", "-c", '"$@"; exit $?', "sh"]


class Failure(Exception):
    """The benchmark cannot go on, or an answer is wrong."""


@dataclass
class Run:
    seconds: float
    process_seconds: float
    cpu_seconds: float
    figures: dict


@dataclass
class Command:
    """One program with its arguments; prints its figures as JSON, or writes them to `figures_path`."""

    argv: list[str]
    seconds_key: str = "wall_seconds"
    figures_path: Path | None = None
    environment: dict[str, str] | None = None

    def run(self) -> Run:
        start, cpu_start = time.perf_counter(), cpu_seconds_of_children()
        done = subprocess.run(
            SMALL_PARENT + self.argv,
            check=False,
            # Detections are rendered and thrown away; figures are read.
            stdout=subprocess.DEVNULL if self.figures_path else subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
        )
        process_seconds, cpu_seconds = time.perf_counter() - start, cpu_seconds_of_children() - cpu_start
        if done.returncode != 0:
            raise Failure(f"status {done.returncode}: {' '.join(self.argv)}\n{done.stderr.decode(errors='replace')}")
        figures = json.loads(self.figures_path.read_bytes() if self.figures_path else done.stdout)
        return Run(figures[self.seconds_key], process_seconds, cpu_seconds, figures)


@dataclass
class Sluice:
    """Makes the commands of one `sluice` binary."""

    path: str
    scratch: Path
    always: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # The targets are stated without a second read; commits before it have no such option.
        known = output_of([self.path, "scan", "--help"])
        self.always = [option for option in ["--no-triage", "--no-evidence"] if option in known]

    def scan(self, archive: Path, threads: int, *options: str) -> Command:
        figures = self.scratch / "stats.json"
        argv = [self.path, "scan", str(archive), "--threads", str(threads), "--format", "ndjson"]
        return Command([*argv, *self.always, *options, "--stats", str(figures)], figures_path=figures)

    def detections(self, archive: Path, *options: str) -> bytes:
        """The detections of one scan, as NDJSON."""
        found = self.scratch / "found.ndjson"
        command = self.scan(archive, 2, *options)
        command.argv += ["--output", str(found)]
        command.run()
        return found.read_bytes()


@dataclass
class Pairs:
    """What one row measured, in the order of the runs."""

    reference: Command
    measured: Command
    runs: list[tuple[Run, Run]]

    def summary(self) -> dict:
        ratios = [a.seconds / b.seconds for a, b in self.runs]
        cpu_ratios = [a.cpu_seconds / b.cpu_seconds for a, b in self.runs]
        process_ratios = [a.process_seconds / b.process_seconds for a, b in self.runs]
        reference = median(a.seconds for a, _ in self.runs)
        measured = median(b.seconds for _, b in self.runs)
        return {
            "reference_seconds": reference,
            "measured_seconds": measured,
            "ratio_of_medians": reference / measured,
            "median_of_pair_ratios": median(ratios),
            "pair_ratio_min": min(ratios),
            "pair_ratio_max": max(ratios),
            "median_of_process_pair_ratios": median(process_ratios),
            "median_of_cpu_pair_ratios": median(cpu_ratios),
            "pairs": [{"reference": clocks(a), "measured": clocks(b)} for a, b in self.runs],
            "reference_command": self.reference.argv,
            "measured_command": self.measured.argv,
        }


def measure_pairs(
    reference: Command, measured: Command, count: int, check: Callable[[Run, Run], None] | None = None
) -> Pairs:
    """Runs both once unmeasured, so that the files are in the page cache, then `count` pairs."""
    warm = (reference.run(), measured.run())
    if check:
        check(*warm)
    return Pairs(reference, measured, [(reference.run(), measured.run()) for _ in range(count)])


def clocks(run: Run) -> dict:
    return {"seconds": run.seconds, "process_seconds": run.process_seconds, "cpu_seconds": run.cpu_seconds}


def cpu_seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def output_of(argv: list[str]) -> str:
    """Standard output of a command that must succeed."""
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"status {done.returncode}: {' '.join(argv)}\n{done.stderr}")
    return done.stdout
