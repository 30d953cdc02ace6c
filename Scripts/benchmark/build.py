"""Builds sluice in release mode."""

import subprocess
import sys
from pathlib import Path

from runs import output_of


def built_sluice(root: Path) -> str:
    """The path of the `sluice` that this source makes."""
    build = ["swift", "build", "-c", "release", "--product", "sluice", "--package-path", str(root)]
    subprocess.run(build, check=True, stdout=sys.stderr)
    return output_of([*build, "--show-bin-path"]).strip() + "/sluice"
