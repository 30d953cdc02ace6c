"""What the Spark job reads: the files of an archive, and the splits into which the driver divides them."""

from __future__ import annotations

import itertools
import json
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import sluice_worker as worker


class Refused(Exception):
    """Why there is no result."""


class File(NamedTuple):
    """A file on the shared path and its state, or one that workers copy.

    That one has a name for a path, and of its filesystem a URL and the place in it.
    """

    path: str
    size: int
    url: str | None = None
    place: str | None = None
    state: list[int] | None = None


class Split(NamedTuple):
    """What one `sluice partial` reads: files, or of one the blocks that begin in a range of its bytes."""

    files: tuple[File, ...]
    range: str | None = None

    def plan(self) -> str:
        return json.dumps({"files": self.files, "range": self.range})


# So many paths go to one process, which the system's limit on arguments allows however long they are.
FILES_OF_SPLIT_MAX = 200


def list_files(paths: Iterable[str]) -> list[File]:
    """The regular files at and below paths and URLs, by path, each once; links inside directories are passed over."""
    found: dict[str, File] = {}
    for path in paths:
        files = list((list_url if "://" in path else list_path)(path))
        if not files:
            raise Refused(f"there is no file in {without_keys(path)}; is it mounted?")
        found.update((file.path, file) for file in files)
    return [found[path] for path in sorted(found, key=os.fsencode)]


def without_keys(path: str) -> str:
    """A path or URL without what a URL may say of keys."""
    if "://" not in path:
        return path
    scheme, rest = path.split("://", 1)
    return f"{scheme}://{rest.split('?')[0].rsplit('@', 1)[-1]}"


def list_path(path: str) -> Iterator[File]:
    # Workers have folders of their own.
    path = os.path.abspath(path)
    status = os.stat(path)
    if stat.S_ISREG(status.st_mode):
        yield File(path, status.st_size, state=worker.file_state(status))
        return
    if not stat.S_ISDIR(status.st_mode):
        raise Refused(f"{path} is neither a file nor a directory")

    def fail(error: OSError) -> None:
        raise error

    for folder, _, names in os.walk(path, onerror=fail):
        for name in names:
            place = os.path.join(folder, name)
            status = os.lstat(place)
            if stat.S_ISLNK(status.st_mode):
                print(f"sluice_spark.py: symbolic link passed over: {place!r}", file=sys.stderr)
            if stat.S_ISREG(status.st_mode):
                yield File(place, status.st_size, state=worker.file_state(status))


def list_url(url: str) -> Iterator[File]:
    from pyarrow import fs

    filesystem, path = worker.filesystem(url)
    scheme = url.split("://")[0]
    info = filesystem.get_file_info(path)
    if info.type == fs.FileType.NotFound:
        # Without what a URL may say of keys.
        raise Refused(f"there is no {scheme}://{path}")
    infos = [info] if info.type == fs.FileType.File else filesystem.get_file_info(fs.FileSelector(path, recursive=True))
    for info in infos:
        if info.type == fs.FileType.File:
            if ".." in info.path.split("/"):
                raise Refused(f"{scheme}://{info.path} is no path")
            yield File(f"{scheme}://{info.path}", info.size, url, info.path)


def may_be_cut(file: File, verifies: bool) -> bool:
    """Whether a file is LZ4 of independent blocks, by its first frame, and ranges leave no checksum unverified."""
    if file.url is not None:
        return False
    with open(file.path, "rb") as opened:
        header = opened.read(7)
    if len(header) < 7 or header[:4] != b"\x04\x22\x4d\x18":
        return False
    independent, of_blocks, of_content = (bool(header[4] & bit) for bit in (0x20, 0x10, 0x04))
    # That of the content covers all blocks of a frame.
    return independent and (of_blocks or not of_content or not verifies)


def plan_splits(files: Iterable[File], split_bytes: int, may_be_cut: Callable[[File], bool]) -> list[Split]:
    """Packs small files, neighbours by path, and cuts big ones that may be cut; the same for the same files."""
    splits: list[Split] = []
    packed: list[File] = []

    def close() -> None:
        if packed:
            splits.append(Split(tuple(packed)))
            packed.clear()

    for file in files:
        if file.size > split_bytes and may_be_cut(file):
            parts = -(-file.size // split_bytes)
            bounds = [file.size * i // parts for i in range(parts + 1)]
            splits += [Split((file,), f"{first}..{end}") for first, end in itertools.pairwise(bounds)]
            continue
        if sum(f.size for f in packed) + file.size > split_bytes or len(packed) >= FILES_OF_SPLIT_MAX:
            close()
        packed.append(file)
    close()
    return splits
