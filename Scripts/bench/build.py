"""Builds programs of the package in release mode."""

import subprocess
import sys
from pathlib import Path

from runs import output_of

ROOT = Path(__file__).resolve().parents[2]


def built(product: str = "sluice") -> str:
    """The path of the program that this source makes."""
    build = ["swift", "build", "-c", "release", "--product", product, "--package-path", str(ROOT)]
    subprocess.run(build, check=True, stdout=sys.stderr)
    return output_of([*build, "--show-bin-path"]).strip() + f"/{product}"
