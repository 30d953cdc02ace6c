"""The rows of the table: what is measured against what, and what is aimed at.

Each function gives a row once it is measured: a dictionary with key, title, unit, target, what is good enough, and the
figures of `Pairs.summary` (or of the memory). Beside its seconds, every row's answer is checked.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import attack
import flood
from archives import FORMS, Archives
from runs import Command, Failure, Pairs, Run, Sluice, measure_pairs


@dataclass
class Bench:
    sluice: Sluice
    archives: Archives
    pairs: int
    decode_alone: str
    """Path of the program."""
    threads: int = 2

    def rows(self) -> Iterator[dict]:
        yield from self.against_decode()
        yield from self.threads_rows()
        yield from self.one_file()
        yield from self.attacks()
        yield from self.floods()
        yield self.strict()
        yield self.memory()

    def decode(self, archive: Path, threads: int) -> Command:
        return Command([self.decode_alone, str(archive), "--threads", str(threads)])

    def against_decode(self) -> Iterator[dict]:
        """Decode alone over scan, for each form with its own decode."""
        rows = [
            ("no-verify", "--no-verify", "4M", ["--no-verify"], 0.80, 0.62),
            ("verify", "verifying", "4M", [], 0.60, 0.45),
            ("64K", "64 kB independent, --no-verify", "64K", ["--no-verify"], 0.75, 0.60),
            ("64K-linked", "64 kB linked, --no-verify", "64K-linked", ["--no-verify"], 0.75, 0.60),
            ("level-9", "lz4 -9, --no-verify", "level-9", ["--no-verify"], 0.75, 0.60),
        ]
        expected = self.archives.expected()
        for form in FORMS:
            if self.sluice.detections(self.archives.form(form)) != expected:
                raise Failure(f"the scan of form {form} does not give the detections that were planted")
        for key, title, form, options, target, good_enough in rows:
            archive = self.archives.form(form)
            decode = self.decode(archive, self.threads)
            pairs = measure_pairs(
                decode, self.sluice.scan(archive, self.threads, *options), self.pairs, same("bytes_decompressed")
            )
            yield row(key, f"scan against decode alone: {title}", pairs, target, good_enough)

    def threads_rows(self) -> Iterator[dict]:
        """One thread's time over two threads' time; decode alone shows what a second thread can save."""
        archive = self.archives.form("4M")
        scans = [self.sluice.scan(archive, threads, "--no-verify") for threads in (1, 2)]
        yield row("threads", "2 threads against 1", measure_pairs(*scans, self.pairs, same("events")), 1.95, 1.85)
        decodes = [self.decode(archive, threads) for threads in (1, 2)]
        pairs = measure_pairs(*decodes, self.pairs)
        yield row("threads-decode", "for comparison: decode alone, 2 threads against 1", pairs)

    def one_file(self) -> Iterator[dict]:
        """24 files' time over the time of the same lines in one file of one frame."""
        many, one = self.archives.form("4M"), self.archives.one_file()
        if self.sluice.detections(one) != self.archives.expected():
            raise Failure("the scan of the one big file does not give the detections that were planted")
        for key, title, options, aims in [
            ("one-file", "one big file against 24", ["--no-verify"], (0.98, 0.95)),
            ("one-file-verify", "for comparison: the same, verifying", [], ()),
        ]:
            scans = [self.sluice.scan(archive, self.threads, *options) for archive in (many, one)]
            yield row(key, title, measure_pairs(*scans, self.pairs, same("events")), *aims)

    def attacks(self) -> Iterator[dict]:
        """The time of an attack from many addresses over that of the same attack from one."""
        kinds = attack.Kind
        silent, firing = (kinds.SPREAD_SILENT, kinds.ONE_SILENT), (kinds.SPREAD_FIRING, kinds.ONE_FIRING)
        for key, title, (spread, one), aims in [
            ("one-address", "attack from one IP against spread, silent", silent, (0.95, 0.90)),
            ("one-address-firing", "for comparison: the same, one IP firing in every window", firing, ()),
        ]:
            archives = [self.archives.attack(kind) for kind in (spread, one)]
            scans = [self.sluice.scan(archive, self.threads, "--no-verify") for archive in archives]
            pairs = measure_pairs(*scans, self.pairs, self.check_attack(spread.is_silent))
            yield row(key, title, pairs, *aims)

    def check_attack(self, is_silent: bool):
        attempts = sum(number % 10 < attack.CANDIDATES_OF_TEN for number in range(self.archives.events))
        wanted = {"okta-credential-stuffing": attempts}

        def check(spread: Run, one: Run) -> None:
            for run in (spread, one):
                found = {rule: count for rule, count in run.figures["observations"].items() if count}
                if found != wanted or run.figures["duplicates"] != 0:
                    raise Failure(f"of an attack of {wanted} scan observes {found}")
            fires = sum(one.figures["detections"].values()) > 0
            if fires == is_silent or sum(spread.figures["detections"].values()) > 0:
                raise Failure("an attack fires that should not, or does not that should")

        return check

    def floods(self) -> Iterator[dict]:
        """The time of an ordinary archive over that of one whose users and addresses collide under a known key."""
        ordinary, colliding = (self.archives.flood(collide) for collide in (False, True))
        known = ["--hash-seed", str(flood.KEY)]
        for key, title, options, aims in [
            ("flood", "hash flooding against ordinary names", [], (1.0, 1 / 1.2)),
            ("flood-known", "for comparison: the same, if the attacker knew the key", known, ()),
        ]:
            scans = [self.sluice.scan(archive, 1, "--no-verify", *options) for archive in (ordinary, colliding)]
            yield row(key, title, measure_pairs(*scans, self.pairs, same("events")), *aims)

    def strict(self) -> dict:
        """What it costs to look at every line."""
        archive = self.archives.form("4M")
        scans = [self.sluice.scan(archive, self.threads, "--no-verify", *options) for options in ([], ["--strict"])]
        return row("strict", "for comparison: --strict", measure_pairs(*scans, self.pairs, same("events")))

    def memory(self) -> dict:
        """Peak memory of four times the events, in bytes for each additional observation."""
        small, large = self.archives.events, 4 * self.archives.events
        archives = [self.archives.ordinary(events) for events in (small, large)]
        scans = [self.sluice.scan(archive, self.threads, "--no-verify") for archive in archives]
        runs = measure_pairs(*scans, self.pairs).runs
        observations = [sum(runs[0][side].figures["observations"].values()) for side in (0, 1)]
        peaks = [median(run[side].figures["peak_rss_bytes"] for run in runs) for side in (0, 1)]
        more = observations[1] - observations[0]
        each = [(b.figures["peak_rss_bytes"] - a.figures["peak_rss_bytes"]) / more for a, b in runs]
        return {
            "key": "memory",
            "title": f"memory for each additional observation, {large:,} against {small:,} ordinary events",
            "unit": "bytes",
            "target": 80,
            "good_enough": None,
            "events": [small, large],
            "observations": observations,
            "peak_rss_bytes": peaks,
            "bytes_per_additional_observation": (peaks[1] - peaks[0]) / more,
            "bytes_per_additional_observation_min": min(each),
            "bytes_per_additional_observation_max": max(each),
            "reference_command": scans[0].argv,
            "measured_command": scans[1].argv,
        }


def row(key: str, title: str, pairs: Pairs, target: float | None = None, good_enough: float | None = None) -> dict:
    return {"key": key, "title": title, "unit": "ratio", "target": target, "good_enough": good_enough} | pairs.summary()


def same(figure: str):
    """Checks that both sides did the same work."""

    def check(a: Run, b: Run) -> None:
        if a.figures[figure] != b.figures[figure]:
            raise Failure(f"{figure} differ: {json.dumps(a.figures[figure])}, {json.dumps(b.figures[figure])}")

    return check
