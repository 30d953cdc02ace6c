"""Which files there are, and how they are divided into splits, without Spark."""

from __future__ import annotations

import json
import os
import tempfile
import unittest
from pathlib import Path

import sluice_plan as planning
from sluice_plan import File, Refused, Split


def never(file: File) -> bool:
    return False


class Splits(unittest.TestCase):
    def test_neighbours_are_packed(self):
        files = [File(name, size) for name, size in zip("abcdef", (4, 4, 4, 20, 1, 1), strict=True)]
        splits = planning.plan_splits(files, 10, never)
        self.assertEqual(["".join(file.path for file in split.files) for split in splits], ["ab", "c", "d", "ef"])

    def test_each_file_is_in_one_split(self):
        files = [File(f"{i:05}", i * 7919 % 1000) for i in range(3000)]
        splits = planning.plan_splits(files, 100_000, never)
        self.assertEqual([file for split in splits for file in split.files], files)
        self.assertLessEqual(max(len(split.files) for split in splits), planning.FILES_OF_SPLIT_MAX)
        for split in splits:
            self.assertLessEqual(sum(file.size for file in split.files), 100_000)

    def test_empty_files_count(self):
        files = [File("a", 0), File("b", 0)]
        self.assertEqual(planning.plan_splits(files, 1, never), [Split(tuple(files))])

    def test_big_files_are_cut(self):
        files = [File("a", 4), File("b", 250), File("c", 4), File("d", 900), File("e", 100)]
        splits = planning.plan_splits(files, 100, lambda file: file.path != "d")
        cut = [Split((files[1],), bounds) for bounds in ("0..83", "83..166", "166..250")]
        self.assertEqual(splits, [*cut, Split((files[0], files[2])), Split((files[3],)), Split((files[4],))])

    def test_what_may_be_cut(self):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "file"

            def may_be_cut(flags: int, verifies: bool = True, magic: bytes = b"\x04\x22\x4d\x18") -> bool:
                place.write_bytes(magic + bytes([flags, 0x40, 0x82]))
                return planning.may_be_cut(File(str(place), 7), verifies)

            # Independent blocks; with checksums of blocks, of the content, of both.
            self.assertTrue(may_be_cut(0x60))
            self.assertTrue(may_be_cut(0x70))
            self.assertFalse(may_be_cut(0x64))
            self.assertTrue(may_be_cut(0x74))
            self.assertTrue(may_be_cut(0x64, verifies=False))
            # Linked blocks.
            self.assertFalse(may_be_cut(0x40))
            self.assertFalse(may_be_cut(0x60, magic=b"\x1f\x8b\x08\x00"))
            self.assertFalse(planning.may_be_cut(File("s3://b/k", 7, "s3://b", "b/k"), True))
            place.write_bytes(b"{}\n")
            self.assertFalse(planning.may_be_cut(File(str(place), 3), True))


class Listing(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()
        for name, size in (("b/2", 2), ("b/1", 1), ("a b", 3), ("\udcff", 4)):
            place = self.folder / name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(bytes(size))
        os.symlink("a b", self.folder / "link")
        os.mkfifo(self.folder / "pipe")

    def names(self, files: list[File]) -> list[tuple[str, int]]:
        return [(os.path.relpath(file.path, self.folder), file.size) for file in files]

    def test_files_by_path(self):
        expected = [("a b", 3), ("b/1", 1), ("b/2", 2), ("\udcff", 4)]
        self.assertEqual(self.names(planning.list_files([str(self.folder)])), expected)
        self.assertEqual(self.names(planning.list_files([f"{self.folder}/", f"{self.folder}/b"])), expected)

    def test_a_link_that_is_named_is_followed(self):
        self.assertEqual(self.names(planning.list_files([str(self.folder / "link")])), [("link", 3)])

    def test_what_is_not_there_or_no_file(self):
        with self.assertRaises(FileNotFoundError):
            planning.list_files([str(self.folder / "none")])
        with self.assertRaises(Refused):
            planning.list_files([str(self.folder / "pipe")])


class Plans(unittest.TestCase):
    def test_a_plan_is_what_the_worker_reads(self):
        state = [3, 12, 1_767_000_000_000_000_001, 1_767_000_000_000_000_002]
        split = Split((File("s3://b/k", 7, "s3://user:key@b/", "b/k"), File("/a", 3, state=state)), "1..2")
        self.assertEqual(
            json.loads(split.plan()),
            {
                "files": [["s3://b/k", 7, "s3://user:key@b/", "b/k", None], ["/a", 3, None, None, state]],
                "range": "1..2",
            },
        )


if __name__ == "__main__":
    unittest.main()
