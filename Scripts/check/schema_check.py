"""The check of Scripts/check/schemas: schema_check.py SLUICE given|built."""

import copy
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker

from schema_runs import Runner, make_inputs

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "Sources/sluice/Schemas"
PAGES = ROOT / "Sources/sluice/sluice.docc"

# Members that are objects of any keys, and members that may be absent.
MAPS = {
    "detection": {"columns"},
    "stats": {"rejected", "observations", "detections", "suppressed", "funnel"},
    "inspect": {"rejected", "block_sizes", "windows", "shapes"},
}
OPTIONAL = {"detection": {"suppressed"}, "what-if": {"suppressed"}}
# Members that may be null, but only in runs that are too large for a check.
SELDOM_NULL = {"detection": {"offsets"}}

findings: list[str] = []


def expect(holds: bool, finding: str) -> None:
    if not holds:
        findings.append(finding)


def subschemas(schema: object) -> Iterator[dict]:
    """A schema and all schemas in it. Its members `properties` and `$defs` are no schemas but hold some."""
    if isinstance(schema, dict):
        yield schema
        for keyword, value in schema.items():
            for inner in value.values() if keyword in ("properties", "$defs") else [value]:
                yield from subschemas(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from subschemas(inner)


def properties(schema: dict) -> dict[str, list[dict]]:
    """The properties of all objects in a schema, by name."""
    found = defaultdict(list)
    for inner in subschemas(schema):
        for name, value in inner.get("properties", {}).items():
            found[name].append(value)
    return found


def allows_null(schema: dict) -> bool:
    choices = (schema.get("type", []), schema.get("enum", []))
    return "null" in choices[0] or None in choices[1] or {"type": "null"} in schema.get("anyOf", [])


class Seen:
    """The members of real records of one schema."""

    def __init__(self) -> None:
        self.count = 0
        self.names: set[str] = set()
        self.nulls: set[str] = set()
        # The first record in which each path was seen, to change it.
        self.first: dict[tuple, dict] = {}

    def add(self, record: dict, maps: set[str]) -> None:
        self.count += 1
        for path, parent, name in members(record, maps):
            self.names.add(name)
            if parent[name] is None:
                self.nulls.add(name)
            else:
                self.first.setdefault(path, record)


def members(value: object, maps: set[str], path: tuple = ()) -> Iterator[tuple[tuple, dict, str]]:
    """The members of closed objects in a record, each with its path, in which all elements of a list are one step."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name), value, name
            if name not in maps:
                yield from members(inner, maps, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner, maps, (*path, "[]"))


def changed(record: dict, path: tuple, maps: set[str], change) -> dict:
    """A copy of a record in which one member with that path is changed."""
    record = copy.deepcopy(record)
    parent, name = next((parent, name) for here, parent, name in members(record, maps) if here == path)
    change(parent, name)
    return record


def check_refusals(name: str, validator: Draft202012Validator, seen: Seen) -> int:
    """Each schema must refuse a record with one change, or the check could not fail."""
    maps = MAPS.get(name, set())
    changes = {
        "without it": lambda parent, key: parent.pop(key),
        "with an unknown member beside it": lambda parent, key: parent.update(unknown=1),
        "with another value in its place": lambda parent, key: parent.update({key: [{"unknown": "x"}]}),
    }
    count = 0
    for path, record in seen.first.items():
        for words, change in changes.items():
            if words == "without it" and path[-1] in OPTIONAL.get(name, ()):
                continue
            count += 1
            refuses = not validator.is_valid(changed(record, path, maps, change))
            expect(refuses, f"{name}: accepts a record whose {'.'.join(path)} is changed: {words}")
    return count


def check_schema(name: str, schema: dict) -> None:
    Draft202012Validator.check_schema(schema)
    expect(schema.get("$id") == f"sluice.{name}/1", f"{name}: another $id: {schema.get('$id')}")
    for key, values in properties(schema).items():
        for value in values:
            described = re.fullmatch(r"[A-Z].*\.", value.get("description", ""))
            expect(described is not None, f"{name}: {key} has no sentence as its description")


def check_reasons(name: str, schema: dict) -> None:
    """The reasons are those of Problems.md: of records, of files, and of the run."""
    rows = re.findall(
        r"^\| \[`([a-z0-9-]+)`\]\([^)]*\) \| ([^|]*) \|", (PAGES / "Problems.md").read_text(), re.MULTILINE
    )
    run = {reason for reason, concerns in rows if concerns == "run"}
    record = {reason for reason, concerns in rows if "record" in concerns}
    defs = schema["$defs"]
    for what, enum, documented in [
        ("shortfalls", defs["shortfall"]["properties"]["reason"]["enum"], run),
        ("problems", defs["problem"]["properties"]["reason"]["enum"], {reason for reason, _ in rows} - run),
        ("rejected", defs["rejected"]["propertyNames"]["enum"], record),
    ]:
        difference = sorted(documented.symmetric_difference(enum))
        expect(not difference, f"{name}: the reasons of {what} and those of Problems.md differ in {difference}")


def check_command(sluice: str, mode: str, texts: dict[str, bytes]) -> str:
    """The command prints these schemas. An executable that was given may lack it."""
    listed = subprocess.run([sluice, "schema"], capture_output=True, check=False)
    if listed.returncode and mode == "given":
        return "this executable has no command schema"
    expect(sorted(listed.stdout.decode().split()) == sorted(texts), "sluice schema does not list the schemas")
    for name, text in texts.items():
        printed = subprocess.run([sluice, "schema", name], capture_output=True, check=False)
        expect(printed.stdout == text, f"sluice schema {name} prints something else than {name}.json")
    return "sluice schema prints them"


def main(sluice: str, mode: str) -> int:
    texts = {path.stem: path.read_bytes() for path in sorted(SCHEMAS.glob("*.json"))}
    schemas = {name: json.loads(text) for name, text in texts.items()}
    validators = {name: Draft202012Validator(s, format_checker=FormatChecker()) for name, s in schemas.items()}
    command = check_command(sluice, mode, texts)
    for name, schema in schemas.items():
        check_schema(name, schema)
        if "shortfall" in schema["$defs"]:
            check_reasons(name, schema)

    seen = {name: Seen() for name in schemas}
    with tempfile.TemporaryDirectory() as folder:
        make_inputs(sluice, Path(folder))
        for run, record in Runner(sluice, Path(folder)).records():
            name = record["schema"].removeprefix("sluice.").removesuffix("/1")
            seen[name].add(record, MAPS.get(name, set()))
            findings.extend(
                f"{run}: {name}: {error.json_path}: {error.message[:200]}"
                for error in validators[name].iter_errors(record)
            )
    refused = 0
    for name, schema in schemas.items():
        for key, values in properties(schema).items():
            expect(key in seen[name].names, f"{name}: no run wrote {key}")
            if any(map(allows_null, values)) and key not in SELDOM_NULL.get(name, ()):
                expect(key in seen[name].nulls, f"{name}: no run wrote {key} as null")
        refused += check_refusals(name, validators[name], seen[name])

    shown = list(dict.fromkeys(findings))
    for finding in shown[:50]:
        print(finding, file=sys.stderr)
    if len(shown) > 50:
        print(f"and {len(shown) - 50} more", file=sys.stderr)
    counts = ", ".join(f"{s.count} of {name}" for name, s in seen.items())
    print(f"schemas: records {counts}; {refused} changed ones; {command}; {len(shown)} findings")
    return 1 if shown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
