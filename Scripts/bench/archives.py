"""Makes the archives that are measured, in one folder, and makes none twice.

All forms hold the same lines (same seed), so that all must give the same detections. An archive is made under a
temporary name and renamed when it is whole; one that is there is used again.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import attack
import flood
from runs import Failure, output_of

HOURS = 24

# Options of `sluice generate` for each form of compression.
FORMS = {
    "4M": [],  # as the `lz4` command writes: independent blocks, content checksum
    "64K": ["--block-size", "64K"],
    "64K-linked": ["--block-size", "64K", "--linked"],
    "level-9": ["--level", "9"],
}


@dataclass
class Archives:
    """Archives of `events` lines below `folder`."""

    sluice: str
    folder: Path
    events: int

    def form(self, name: str) -> Path:
        """The ordinary archive with its planted attacks, 24 files."""
        return self._generated(f"{name}-{self.events}", self.events, [*FORMS[name], "--hours", str(HOURS)]) / "archive"

    def expected(self) -> bytes:
        """The detections that every form must give."""
        return (self.form("4M").parent / "expected.ndjson").read_bytes()

    def ordinary(self, events: int) -> Path:
        """Traffic without planted attacks, 20,000 events a file."""
        hours = max(1, events // 20_000)
        return self._generated(f"ordinary-{events}", events, ["--no-attacks", "--hours", str(hours)]) / "archive"

    def one_file(self) -> Path:
        """The lines of the 24 files as one file of one frame."""
        source = self.form("4M")

        def make(folder: Path) -> None:
            (folder / "archive").mkdir(parents=True)
            target = folder / "archive" / "all.json.lz4"
            with subprocess.Popen(["lz4", "-dcm", *paths_below(source)], stdout=subprocess.PIPE) as plain:
                compress = ["lz4", "-q", "-f", "-B7", "-", str(target)]
                compressed = subprocess.run(compress, check=False, stdin=plain.stdout)
            if plain.returncode != 0 or compressed.returncode != 0:
                raise Failure(f"lz4 could not write {target}")

        return self._made(f"one-file-{self.events}", make) / "archive"

    def plain(self) -> Path:
        """The 24 files decompressed, for peers that cannot read LZ4."""
        source = self.form("4M")

        def make(folder: Path) -> None:
            folder.mkdir(parents=True)
            for number, path in enumerate(paths_below(source)):
                output_of(["lz4", "-q", "-d", path, str(folder / f"{number:02}.json")])

        return self._made(f"plain-{self.events}", make)

    def attack(self, kind: attack.Kind) -> Path:
        """Archive in which 30 % of the events are failed sign-ins; see attack.py."""
        sample = Path(paths_below(self.form("4M"))[HOURS // 2])
        return self._made(
            f"{kind.value}-{self.events}", lambda folder: attack.write(kind, self.events, HOURS, sample, folder)
        )

    def flood(self, collide: bool) -> Path:
        """Users and addresses that collide under a known key, or the same number of others; see flood.py."""
        sample = Path(paths_below(self.form("4M"))[HOURS // 2])
        name = f"flood-{'colliding' if collide else 'ordinary'}"
        return self._made(name, lambda folder: flood.write(collide, sample, folder)) / "archive"

    def _generated(self, name: str, events: int, options: list[str]) -> Path:
        def make(folder: Path) -> None:
            argv = [self.sluice, "generate", "--events", str(events), "--seed", "1", "--output", str(folder)]
            output_of([*argv, *options])

        return self._made(name, make)

    def _made(self, name: str, make) -> Path:
        path = self.folder / name
        if not path.exists():
            print(f"making {name}", file=sys.stderr, flush=True)
            temporary = self.folder / f"{name}.partial"
            shutil.rmtree(temporary, ignore_errors=True)
            make(temporary)
            temporary.rename(path)
        return path


def paths_below(folder: Path) -> list[str]:
    """The LZ4 files of an archive, sorted by path, which is by time."""
    return sorted(str(path) for path in folder.rglob("*.lz4"))
