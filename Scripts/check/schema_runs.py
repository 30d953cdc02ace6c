"""Runs of sluice whose records Scripts/check/schemas validates, and the archives and rules that they read."""

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

RULES = """
rules:
  - id: own-lists
    title: Lists of all kinds
    severity: unusual
    risk: {impact: 80, confidence: 60}
    filter: [exists(eventType)]
    key:
      - {name: organisation, field: securityContext.asOrg, null: none}
      - outcome.reason
      - {name: kind, constant: own}
    window: {length: 1h, slide: 30m}
    groups:
      by: [actor.alternateId]
      columns: {attempts: count()}
    columns:
      users: groups()
      mean: avg(attempts)
      none.of.these: values(client.zone)
      agents: values(client.userAgent.rawUserAgent, "none")
      numbers: values(securityContext.asNumber)
      proxies: values(securityContext.isProxy)
      addresses: values(client.ipAddress)
      texts: text("{actor.alternateId|nobody} of {client_ip|no address}")
      first: first_time()
      start: window_start()
      organisation: key("organisation")
      percent: users * 100.0 / 7
    condition: users >= 1
    message: "{users} users of {organisation}, {client_ip|no address}"
  - id: own-null-keys
    title: Keys that may be null
    severity: low
    tactics: [TA0006]
    techniques: [T1110, T1110.003]
    filter: [exists(eventType)]
    key: [client_ip, actor.displayName]
    window: {keep_alive: 10m, maximum: 1d}
    columns: {n: count(), user: values(actor.alternateId), address: client_ip()}
    condition: n >= 1
  - id: own-no-key
    title: One group over everything
    severity: informational
    filter: [exists(eventType)]
    key: []
    window: whole
    columns: {n: count(), highest: max(securityContext.asNumber)}
    condition: n >= 1
"""
EXCEPTIONS = """
exceptions:
  - {id: berlin, rule: okta-accounts-locked-out, from: 2026-01-05, to: 2026-01-05T12:00:00Z, owner: o, reason: r}
  - {rule: okta-credential-stuffing, to: 2026-01-05T12:00:00Z, owner: o, reason: r, expires: 2027-01-01}
  - {cidr: [0.0.0.0/0, "::/0"], owner: o, reason: has ended, expires: 2026-01-01}
"""
ALL_RULES = (
    "okta-accounts-locked-out",
    "okta-brute-force-device-token-rotation",
    "okta-credential-stuffing",
    "okta-multiple-users-failing-from-ip",
    "okta-password-spray",
    "okta-threatinsight-password-spray",
    "okta-threatinsight-unknown-users",
    "okta-user-account-locked",
)


def lock(number: int, time: str, ip: str | None, **more) -> str:
    event = {
        "eventType": "user.account.lock",
        "published": time,
        "uuid": f"{ip}-{time}-{number}",
        "actor": {"alternateId": f"user{number}@example.org", "id": f"00u{number}", "type": "User"},
        "client": {"ipAddress": ip},
        "outcome": {"result": "FAILURE"},
    }
    return json.dumps(event | more)


def make_inputs(sluice: str, folder: Path) -> None:
    """Writes archives and rules into an empty folder, in which all runs take place."""
    for name, options in [("sound", []), ("forms", ["--linked", "--block-checksum", "--content-size"])]:
        command = [sluice, "generate", "--events", "6000", "--block-size", "64K", "--output", name, *options]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (folder / name / "expected.ndjson").rename(folder / f"{name}.ndjson")

    security = {"securityContext": {"asNumber": 64500, "asOrg": "AS", "isp": "ISP", "domain": "d", "isProxy": True}}
    lines = [lock(n, f"2026-01-05T10:00:0{n}.000Z", "2001:DB8:0:0::1", **security) for n in range(8)]
    lines += [lock(n, f"2026-01-05T13:00:0{n}.000Z", None) for n in range(8)]
    lines += [lock(n, f"2026-01-06T00:00:0{n}.000Z", "::ffff:198.51.100.7") for n in range(8)]
    lines += lines[:2]
    # The first detection's client IP is denied by ThreatInsight, and one of its users signs in.
    debug = {"debugContext": {"debugData": {"threatSuspected": "true"}}}
    denied = {"eventType": "security.threat.detected", "outcome": {"result": "DENY", "reason": "Password Spray"}}
    signed_in = {"eventType": "user.session.start", "outcome": {"result": "SUCCESS"}}
    lines += [lock(20, "2026-01-05T10:05:00.000Z", "2001:db8::1", **(security | debug | denied))]
    lines += [lock(1, "2026-01-05T10:06:00.000Z", "2001:db8::1", **(security | signed_in))]
    plain = ("\n".join(lines) + "\n").encode()
    mixed = folder / "mixed"
    mixed.mkdir()
    (mixed / "plain.json").write_bytes(plain + b"\n\n")
    (mixed / "events.json.gz").write_bytes(gzip.compress(plain))
    (mixed / "page.json").write_text("[" + ",".join(lines) + "]")

    hour = sorted((folder / "sound").rglob("*.lz4"))[3].read_bytes()
    damaged = folder / "damaged"
    damaged.mkdir()
    (damaged / "cut.json.lz4").write_bytes(hour[: len(hour) * 2 // 3])
    flipped = bytearray(hour)
    flipped[len(hour) // 2] ^= 0xFF
    (damaged / "flipped.json.lz4").write_bytes(flipped)
    (damaged / "garbage.json.lz4").write_bytes(hour + b"no frame")
    (damaged / "cut.json.gz").write_bytes(gzip.compress(plain)[:-200])
    (damaged / "zeros.json").write_bytes(plain + bytes(1000) + plain)
    rejected = [
        lines[0][:-4],
        lines[0] + "]",
        lines[0].replace("2026-01-05T10", "yesterday"),
        lines[0].replace("user0@", "user\\ud"),
        lines[0].replace('"client"', '"deep": ' + "[" * 2000 + "]" * 2000 + ', "client"'),
        '{"type":"other","text":"user.account.lock"}',
        '[1,"user.account.lock"]',
    ]
    text = "\n".join(rejected).encode() + b"\n" + lines[0].encode().replace(b"user0@", b"user\xff@") + b"\n"
    (damaged / "rejected.json").write_bytes(text + plain)
    (damaged / "untyped.json").write_text(lines[0].replace("user.account.lock", "") + "\n" + plain.decode())
    (damaged / "empty.json").write_bytes(b"")
    (damaged / "archive.zip").write_bytes(b"PK\3\4" + bytes(100))
    (damaged / "wide.json").write_bytes("text".encode("utf-16"))
    (damaged / "twice.json.gz").write_bytes(gzip.compress(gzip.compress(plain)))
    (damaged / "link").symlink_to("empty.json")
    os.mkfifo(damaged / "pipe")

    foreign = folder / "foreign"
    foreign.mkdir()
    (foreign / "other.json").write_text('{"time":1,"message":"hello"}\n' * 50)
    (foreign / "table.csv").write_text("a,b,c\n1,2,3\n")
    (folder / "nothing").mkdir()
    # More different hours and more gaps than a run keeps.
    with (folder / "hours.json").open("w") as file:
        for number in range((1 << 20) + 1):
            time = (datetime(1800, 1, 1) + timedelta(hours=2 * number)).isoformat()
            file.write(f'{{"eventType":"user.account.lock","published":"{time}Z","uuid":"{number}"}}\n')

    (folder / "rules.yaml").write_text(RULES)
    (folder / "exceptions.yaml").write_text(RULES.lstrip() + EXCEPTIONS.lstrip())
    # A file that has just changed is not kept among the partials.
    for path in folder.rglob("*"):
        if not path.is_symlink():
            os.utime(path, (0, 0))


def scans() -> Iterator[list[str]]:
    """Arguments of runs that write detections, statistics and risk."""
    named = [word for rule in ALL_RULES for word in ("--rule", rule)]
    yield ["scan", "sound"]
    yield ["scan", "sound", *named]
    yield ["scan", "sound", "--no-triage", *named, "--window", "all"]
    yield ["scan", "sound", "forms", "--no-evidence", "--keep-duplicates"]
    yield ["scan", "sound", "--rules", "rules.yaml", "--rule", "own-lists", "--no-verify"]
    yield ["scan", "sound", "--rules", "exceptions.yaml"]
    yield ["scan", "sound", "--rules", "exceptions.yaml", "--rule", "okta-user-account-locked", "--no-triage"]
    yield ["scan", "sound", "--from", "2026-01-05T02:00:00Z", "--to", "2026-01-05T09:30:00Z"]
    yield ["scan", "sound", "--from", "2030-01-01"]
    yield ["scan", "sound", "--min-files", "1000", "--newest", "1h"]
    yield ["scan", "mixed", "--rules", "rules.yaml", *named, "--rule", "own-lists", "--rule", "own-null-keys"]
    yield ["scan", "mixed", "--rules", "rules.yaml", "--rule", "own-no-key"]
    yield ["scan", "mixed/page.json", "mixed/missing.json"]
    yield ["scan", "damaged"]
    yield ["scan", "damaged", "mixed", "--strict", "--no-verify"]
    yield ["scan", "damaged", "--strict", "--max-line", "1K", "--max-block", "64K"]
    yield ["scan", "foreign", "nothing"]
    yield ["scan", "foreign", "--strict"]
    yield ["scan", "nothing"]
    yield ["scan", "hours.json"]
    yield ["scan", "-"]
    yield ["scan", "-", "--no-triage", "--rules", "exceptions.yaml", "--rule", "own-null-keys"]
    for _ in range(2):
        yield ["scan", "sound", "mixed", "--partials", "kept"]
    yield ["merge", "sound.partial", "damaged.partial"]
    yield ["merge", "sound.partial", "--expect", "24", "--triage-from", "sound"]
    yield ["merge", "sound.partial", "--triage-from", "mixed", "--rules", "exceptions.yaml", "--rule", ALL_RULES[0]]


def other_runs() -> Iterator[list[str]]:
    """Arguments of runs that write one record to standard output."""
    for paths in (["sound"], ["forms", "mixed"], ["damaged"], ["foreign"], ["nothing"], ["hours.json"], ["-"]):
        yield ["inspect", "--format", "json", "--gap", "10m", *paths]
    yield ["inspect", "--format", "json", "sound", "--no-verify"]
    stuffing = ["what-if", "--format", "json", "okta-credential-stuffing"]
    yield [*stuffing, "unique_users >= 10..30", "sound"]
    yield [*stuffing, "pct_users_few_attempts >= 50..95.5 step 0.5", "sound", "damaged"]
    yield [*stuffing, "max_attempts_per_user <= 1..3", "sound", "--rules", "exceptions.yaml"]
    yield ["what-if", "--format", "json", "okta-accounts-locked-out", "count > 3..8", "-"]


class Runner:
    """Runs sluice in the folder of inputs."""

    def __init__(self, sluice: str, folder: Path) -> None:
        self.sluice = sluice
        self.folder = folder

    def output(self, arguments: list[str]) -> bytes:
        with (self.folder / "mixed/plain.json").open("rb") as standard_input:
            command = [self.sluice, *arguments, "--quiet"]
            run = subprocess.run(command, cwd=self.folder, stdin=standard_input, capture_output=True, check=False)
        if run.returncode not in (0, 2):
            raise RuntimeError(f"{' '.join(arguments)}: status {run.returncode}: {run.stderr.decode()}")
        return run.stdout

    def records(self) -> Iterator[tuple[str, dict]]:
        """Every record of every run, with the arguments of that run."""
        for name in ("sound", "damaged"):
            self.output(["partial", name, "--output", f"{name}.partial", "--stats", "stats.json"])
            yield f"partial {name}", json.loads((self.folder / "stats.json").read_bytes())
        for line in (self.folder / "sound.ndjson").read_bytes().splitlines():
            yield "generate", json.loads(line)
        for arguments in scans():
            words = " ".join(arguments)
            output = self.output([*arguments, "--format", "ndjson", "--stats", "stats.json", "--risk", "risk.json"])
            for line in [*output.splitlines(), *((self.folder / f).read_bytes() for f in ("stats.json", "risk.json"))]:
                yield words, json.loads(line)
        for arguments in other_runs():
            yield " ".join(arguments), json.loads(self.output(arguments))
        shutil.rmtree(self.folder / "kept")
