"""How an executor's memory is shared among its tasks, without Spark."""

from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path

import sluice_memory as memory

MIB = 1 << 20
MACHINE = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


class Shares(unittest.TestCase):
    def test_all_children_fit_beside_the_heap(self):
        for executor in (600 * MIB, 1024 * MIB, 65536 * MIB):
            for tasks in (1, 2, 4):
                share = memory.child_bytes(executor, tasks, heap_bytes=256 * MIB)
                self.assertLessEqual(256 * MIB + tasks * share, executor)

    def test_half_of_what_the_heap_leaves_is_dealt_out(self):
        self.assertEqual(memory.child_bytes(5000 * MIB, 4, heap_bytes=1000 * MIB), 500 * MIB)

    def test_no_share_is_less_than_sluice_takes(self):
        self.assertEqual(memory.child_bytes(600 * MIB, 4, heap_bytes=1024 * MIB), 64 * MIB)


class Limits(unittest.TestCase):
    def limit(self, memberships: str, files: dict[str, object]) -> int:
        """What a process in such groups may have, with these files below /sys/fs/cgroup."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "memberships").write_text(memberships)
            for path, content in files.items():
                place = folder / "cgroups" / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(f"{content}\n")
            return memory.memory_limit(str(folder / "memberships"), str(folder / "cgroups"))

    def test_of_the_process_s_own_group(self):
        self.assertEqual(self.limit("0::/job\n", {"job/memory.max": 600 * MIB}), 600 * MIB)
        first_version = "5:cpu:/job\n4:memory:/job\n0::/\n"
        self.assertEqual(self.limit(first_version, {"memory/job/memory.limit_in_bytes": 600 * MIB}), 600 * MIB)

    def test_the_least_of_the_group_and_those_above_it(self):
        files = {"a/memory.max": 300 * MIB, "a/b/memory.max": "max", "a/b/c/memory.max": 500 * MIB}
        self.assertEqual(self.limit("0::/a/b/c\n", files), 300 * MIB)

    def test_of_a_container_that_sees_the_host_s_path(self):
        files = {"memory/memory.limit_in_bytes": 600 * MIB}
        self.assertEqual(self.limit("4:memory:/docker/4f1\n", files), 600 * MIB)

    def test_of_other_groups_nothing(self):
        self.assertEqual(self.limit("0::/job\n", {"other/memory.max": 600 * MIB}), MACHINE)

    def test_without_a_limit_the_machine_s_memory(self):
        self.assertEqual(self.limit("0::/job\n", {"job/memory.max": "max"}), MACHINE)
        self.assertEqual(self.limit("4:memory:/\n", {"memory/memory.limit_in_bytes": (1 << 63) - 4096}), MACHINE)
        self.assertEqual(self.limit("", {}), MACHINE)


class Sizes(unittest.TestCase):
    def test_as_sluice_and_spark_write_them(self):
        sizes = {
            "4096": 4096,
            "512m": 512 * MIB,
            "600M": 600 * MIB,
            "1.5G": 1536 * MIB,
            "2GiB": 2048 * MIB,
            "1kb": 1024,
        }
        for text, size in sizes.items():
            self.assertEqual(memory.parse_size(text), size)
        self.assertEqual(memory.parse_size("512", unit="m"), 512 * MIB)

    def test_what_is_no_size(self):
        for text in ("", "m", "-1", "1x", "1.2.3g"):
            with self.subTest(text), self.assertRaises(ValueError):
                memory.parse_size(text)


if __name__ == "__main__":
    unittest.main()
