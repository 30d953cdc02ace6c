#!/usr/bin/env python3
"""Scans an archive with Apache Spark: the detections of `sluice scan --no-triage`, byte for byte, from many machines.

    spark-submit sluice_spark.py --output DIR PATH…          or with python3, and SPARK_REMOTE for Spark Connect

PATHs are files and directories on a path that driver and workers share, or URLs of a filesystem that pyarrow or fsspec
knows, whose files workers copy before they read them. DIR, on a path that driver and workers share, must not be there
yet. It appears as a whole, for its owner only, as whom driver and workers must run:

    detections.ndjson     what `sluice scan --no-triage` writes
    detections.parquet    the same, with the main members as columns and each record whole in `record`
    figures.json          problems included

    files → splits → sluice partial → frames → by shards → sluice merge → staged → checked → published

Only DataFrames are used, so that Spark Connect works. The program is shipped to the workers; it must run there
(Scripts/package makes one that needs no Swift). Driver and workers need PySpark 4.1 or later with pandas and pyarrow;
see requirements.txt beside this file. Exit status, as of `sluice scan`: 0; 2 finished, but some input could not be
read or was rejected; 3 failed, nothing was written; 64 wrong usage. Of rules that do not group by the client IP,
detections that begin at the same time may stand in another order.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import importlib.util
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import sluice_memory
import sluice_worker as worker
from sluice_plan import Refused, Split, list_files, may_be_cut, plan_splits
from sluice_result import check, publish, staged_folder, write
from sluice_worker import FRAME_COLUMNS, RESULT_COLUMNS, Settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


# The job -----------------------------------------------------------------------------------------------------------


def ship_code(spark: SparkSession) -> None:
    """Gives workers the code that runs there."""
    for module in (sluice_memory, worker):
        spark.addArtifact(module.__file__, pyfile=True)


def find_program(name: str | None) -> str:
    """The program to ship: a name without a slash is looked up on the PATH, as a shell does."""
    found = shutil.which(name or "sluice")
    if found is None:
        where = f"{name} is no program" if "/" in (name or "") else f"there is no {name or 'sluice'} on the PATH"
        raise Refused(f"{where}; name the file of the program by --sluice, such as --sluice ./sluice")
    return found


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


def scan(spark: SparkSession, splits: list[Split], settings: Settings, output: Path) -> dict:
    """Runs the job, and gives the figures of its result, which lies in `output` then."""
    staged = Path(settings.staged)
    results_folder = (staged / "results").as_uri()
    sources = sum(len(split.files) for split in splits)
    detected(observed(spark, settings, splits), settings, sources).write.parquet(results_folder)
    results = spark.read.schema(RESULT_COLUMNS).parquet(results_folder)
    check(results, splits, settings.buckets)
    figures = write(results, staged)
    shutil.rmtree(staged / "results")
    publish(staged, output)
    return figures


# Command line ------------------------------------------------------------------------------------------------------


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sluice_spark.py", description=__doc__.split("\n\n")[0])
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, directories, or URLs of either")
    parser.add_argument(
        "--output", required=True, type=Path, metavar="DIR", help="on a path that driver and workers share"
    )
    parser.add_argument(
        "--sluice", metavar="FILE", help="the program that is shipped, a file or a name on the driver's PATH (sluice)"
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
    parser.add_argument(
        "--memory",
        type=size,
        metavar="SIZE",
        help="of each child, as of `sluice scan`; default: its share of half of what the executor's heap leaves of the "
        "limit of the executor's cgroup, or of the machine's memory. Say it where neither is the limit, as with YARN",
    )
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


def size(text: str) -> int:
    value = sluice_memory.parse_size(text)
    if value < sluice_memory.CHILD_BYTES_MIN:
        raise argparse.ArgumentTypeError("sluice takes 64M at least")
    return value


# As of requirements.txt, which names the versions that were tested.
PACKAGES = ("pyspark", "pandas", "pyarrow")


def check_packages() -> None:
    """That this Python has what PySpark needs for the job; else `Refused`, with the command that installs it."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        requirements = Path(__file__).resolve().with_name("requirements.txt")
        raise Refused(
            f"{sys.executable} lacks {', '.join(missing)}; run: {sys.executable} -m pip install -r {requirements}"
        )
    import pyspark

    if tuple(map(int, pyspark.__version__.split(".")[:2])) < (4, 1):
        raise Refused(f"PySpark {pyspark.__version__} is too old: the job needs 4.1 or later")


def shape_of_executors(spark: SparkSession) -> tuple[int | None, int]:
    """How many tasks an executor runs at once, None if only it knows, and the bytes of its heap."""
    configured = spark.conf.get
    master = configured("spark.master", "")
    local = re.fullmatch(r"local(?:\[(\d+|\*)(?:,.*)?\])?", master)
    if local:
        cores, heap = local[1] or "1", configured("spark.driver.memory", "1g")
    else:
        # Else all cores of the machine.
        default = "1" if master.startswith(("yarn", "k8s:")) else "*"
        cores, heap = configured("spark.executor.cores", default), configured("spark.executor.memory", "1g")
    tasks = None if cores == "*" else max(1, int(cores) // int(configured("spark.task.cpus", "1")))
    return tasks, sluice_memory.parse_size(heap, unit="m")


def main(arguments: list[str] | None = None) -> int:
    options = parsed(arguments)
    try:
        figures = run(options)
    except Exception as error:  # noqa: BLE001  The status that Python gives by itself has another meaning here.
        print(f"sluice_spark.py: {reason(error)}", file=sys.stderr)
        return 3
    for problem in figures["problems"]:
        print(
            f"{problem['file']!r} at {problem['offset']}: {problem['reason']}: {problem['message']!r}", file=sys.stderr
        )
    return 0 if figures["complete"] else 2


def run(options: argparse.Namespace) -> dict:
    """Does what the options say, and gives the figures."""
    check_packages()
    from pyspark.sql import SparkSession

    program = None if options.installed else find_program(options.sluice)
    rules = options.rules.read_text(encoding="utf-8") if options.rules else None
    output = options.output.absolute()
    with staged_folder(output) as staged:
        files = list_files(options.paths)
        splits = plan_splits(files, options.split_bytes, functools.partial(may_be_cut, verifies=not options.no_verify))

        spark = SparkSession.builder.appName("sluice").getOrCreate()
        ship_code(spark)
        tasks_at_once, heap_bytes = shape_of_executors(spark)
        settings = Settings(
            shards=options.shards,
            buckets=min(options.buckets, options.shards),
            artifact=ship_program(spark, program) if program else None,
            installed=options.installed,
            staged=str(staged),
            rules=rules,
            rule_ids=tuple(options.rule),
            partial_options=given(options, "strict", "no_verify"),
            merge_options=given(options, "window", "from", "to", "keep_duplicates", "no_evidence"),
            threads=options.threads,
            child_bytes=options.memory,
            tasks_at_once=tasks_at_once,
            heap_bytes=heap_bytes,
        )
        print(f"{len(files)} files in {len(splits)} splits, {settings.buckets} buckets", file=sys.stderr)
        return scan(spark, splits, settings, output)


def reason(error: Exception) -> str:
    """Why there is no result. What failed on a worker comes wrapped in a long trace of Spark's, which leads nowhere."""
    text = str(error) or type(error).__name__
    raised = re.search(
        r"^(RuntimeError|sluice_worker\.PartialError|ModuleNotFoundError|FileNotFoundError|PermissionError): (.*)",
        text,
        re.MULTILINE,
    )
    if raised is None:
        return text.split("\n\tat ")[0][:4000]
    if raised[1] == "ModuleNotFoundError":
        return f"{raised[2]} for a worker's Python, which needs the packages of requirements.txt too"
    return raised[2]


def given(options: argparse.Namespace, *names: str) -> tuple[str, ...]:
    """Those of the options that were given, as they were."""
    values = {"--" + name.replace("_", "-"): getattr(options, name) for name in names}
    return tuple(
        part for name, value in values.items() if value for part in ((name,) if value is True else (name, value))
    )


if __name__ == "__main__":
    sys.exit(main())
