"""Measures sluice against other engines on one query, and refuses any other answer than sluice's.

The engines come from pip, into a virtual environment below the data's folder, in the versions named here; a smoke run
installs nothing and takes what is there. One that cannot be had is named as skipped.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from archives import Archives
from runs import Command, Failure, Run, Sluice, measure_pairs

PACKAGES = {"duckdb": "2.0.0", "chdb": "4.4.0", "polars": "2.1.0"}
RULE = ("--rule", "okta-credential-stuffing", "--window", "all", "--keep-duplicates", "--no-verify")


@dataclass(frozen=True)
class Peer:
    name: str  # as in peer.py
    title: str
    package: str | None  # None: needs nothing from pip
    reads_lz4: bool
    target: float | None = None
    good_enough: float | None = None


PEERS = [
    Peer("clickhouse-position", "ClickHouse, position() prefilter", "chdb", True, 8, 5),
    Peer("clickhouse-multisearch", "ClickHouse, multiSearchAny() prefilter", "chdb", True, 8, 5),
    Peer("clickhouse-json", "ClickHouse, JSONEachRow", "chdb", True, 8, 5),
    Peer("duckdb-json", "DuckDB, read_json, plain text (cannot read LZ4)", "duckdb", False),
    Peer("duckdb-lines", "DuckDB, lines and prefilter, plain text", "duckdb", False),
    Peer("polars-json", "Polars, scan_ndjson, plain text (cannot read LZ4)", "polars", False),
    Peer("polars-lines", "Polars, lines and prefilter, plain text", "polars", False),
    Peer("pipeline", "lz4 -dc, grep -F, python", None, True),
]


@dataclass
class Interpreter:
    """A Python and the packages of PACKAGES that it has."""

    path: str
    packages: set[str]


def find_interpreter(data: Path, installs: bool) -> Interpreter:
    python = data / "peers" / "bin" / "python"
    if installs and not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(data / "peers")], check=True)
    if not python.exists():
        python = Path(sys.executable)
    elif installs:
        for package, version in PACKAGES.items():
            # One that has no build for this machine must not keep the others away.
            install = [str(python), "-m", "pip", "install", "--quiet", f"{package}=={version}"]
            subprocess.run([*install, "--disable-pip-version-check"], check=False, stdout=sys.stderr)
    probe = "import importlib.util, sys; print(*[p for p in sys.argv[1:] if importlib.util.find_spec(p)])"
    found = subprocess.run([str(python), "-c", probe, *PACKAGES], capture_output=True, text=True, check=True)
    return Interpreter(str(python), set(found.stdout.split()))


def measure(sluice: Sluice, archives: Archives, interpreter: Interpreter, threads: int, pairs: int):
    """One row for each peer, as it is measured."""
    archive = archives.form("4M")
    expected = sluice_answer(sluice.detections(archive, *RULE))
    if not expected:
        raise Failure("the archive has no detections to compare answers by; take more events")
    for peer in PEERS:
        row = {"key": peer.name, "title": f"against {peer.title}", "unit": "times"}
        if peer.package and peer.package not in interpreter.packages:
            yield row | {"skipped": f"{peer.package} is not installed"}
            continue
        folder = archive if peer.reads_lz4 else archives.plain()
        script = str(Path(__file__).parent / "peer.py")
        command = Command([interpreter.path, script, peer.name, str(folder), str(threads)])

        def check(run: Run, _: Run, peer: Peer = peer) -> None:
            answer = in_order(run.figures["rows"])
            if answer != expected:
                raise Failure(f"{peer.name} answers {answer},\nsluice answers {expected}")

        measured = measure_pairs(command, sluice.scan(archive, threads, *RULE), pairs, check)
        for reference, _ in measured.runs:
            check(reference, reference)
        aims = {"target": peer.target, "good_enough": peer.good_enough}
        answered = {"peer_version": measured.runs[0][0].figures["version"], "answer_rows": len(expected)}
        yield row | measured.summary() | aims | answered


def sluice_answer(detections: bytes) -> list[tuple]:
    """Address, attempts, users, most attempts of a user, share of users with few, of each detection."""
    rows = []
    for line in detections.splitlines():
        detection = json.loads(line)
        columns = detection["columns"]
        names = ("total_attempts", "unique_users", "max_attempts_per_user", "pct_users_few_attempts")
        rows.append((detection["client_ip"], *(columns[f"Esql.{name}"] for name in names)))
    return in_order(rows)


def in_order(rows: list) -> list[tuple]:
    return sorted((tuple(row) for row in rows), key=lambda row: (row[0] is not None, row[0]))
