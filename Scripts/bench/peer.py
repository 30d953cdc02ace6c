"""Runs one query in one other engine and prints its seconds, its version and its answer as JSON.

    peer.py NAME FOLDER THREADS

Started by peers.py with a Python that has the engine. Every query is the credential-stuffing rule over the whole
range: count by address and user, then by address, then the rule's condition. Addresses are compared as text, which in
generated archives is the same as comparing them as addresses; "", "null" and "unknown" are null, as in sluice. The
clock runs from the query's text to the last row: importing and starting the engine are not counted.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict

LITERALS = ("INVALID_CREDENTIALS", "LOCKED_OUT")
NO_ADDRESS = ("", "null", "unknown")


def clickhouse(source: str):
    """ClickHouse reads LZ4 frames by itself, from the ending .lz4; `source` gives e, r, u, ip of each line."""

    def run(folder: str, threads: int):
        import chdb

        chdb.query("select 1")
        query = f"""
            select ip, toInt64(sum(n)) as total, toInt64(count()) as users, toInt64(max(n)) as most,
                   countIf(n <= 2) * 100.0 / count() as pct
            from (select if(ip in ('', 'null', 'unknown'), null, ip) as ip, u, count() as n
                  from ({source.format(files=f"{folder}/**/*.lz4")})
                  where (startsWith(e, 'user.authentication.') or e = 'user.session.start')
                    and r in ('INVALID_CREDENTIALS', 'LOCKED_OUT') and u != ''
                  group by ip, u)
            group by ip having total >= 25 and users >= 15 and most <= 2 and pct >= 80
            settings max_threads = {threads}, input_format_json_ignore_unknown_keys_in_named_tuple = 1"""
        start = time.perf_counter()
        answer = chdb.query(query, "JSONCompactEachRow").bytes()
        seconds = time.perf_counter() - start
        engine = json.loads(chdb.query("select version()", "JSONCompactEachRow").bytes())[0]
        return seconds, [json.loads(line) for line in answer.splitlines()], f"{chdb.__version__} ({engine})"

    return run


CLICKHOUSE_LINES = """
    select JSONExtractString(line, 'eventType') as e, JSONExtractString(line, 'outcome', 'reason') as r,
           JSONExtract(line, 'actor', 'alternateId', 'Nullable(String)') as u,
           JSONExtract(line, 'client', 'ipAddress', 'Nullable(String)') as ip
    from file('{files}', 'LineAsString', 'line String') where """
CLICKHOUSE_POSITION = CLICKHOUSE_LINES + "position(line, 'INVALID_CREDENTIALS') > 0 or position(line, 'LOCKED_OUT') > 0"
CLICKHOUSE_MULTI_SEARCH = CLICKHOUSE_LINES + "multiSearchAny(line, ['INVALID_CREDENTIALS', 'LOCKED_OUT'])"
CLICKHOUSE_JSON = """
    select eventType as e, outcome.reason as r, actor.alternateId as u, client.ipAddress as ip
    from file('{files}', 'JSONEachRow', 'eventType Nullable(String), outcome Tuple(reason Nullable(String)),
        actor Tuple(alternateId Nullable(String)), client Tuple(ipAddress Nullable(String))')"""


def duckdb(source: str):
    """DuckDB cannot read LZ4 frames; `folder` holds plain text."""

    def run(folder: str, threads: int):
        import duckdb

        connection = duckdb.connect(config={"threads": threads})
        query = f"""
            select ip, sum(n)::bigint as total, count(*) as users, max(n) as most,
                   count(*) filter (n <= 2) * 100.0::double / count(*) as pct
            from (select case when ip in ('', 'null', 'unknown') then null else ip end as ip, u, count(*) as n
                  from ({source.replace("FILES", f"{folder}/*.json")})
                  where (starts_with(e, 'user.authentication.') or e = 'user.session.start')
                    and r in ('INVALID_CREDENTIALS', 'LOCKED_OUT') and u != ''
                  group by all)
            group by ip having total >= 25 and users >= 15 and most <= 2 and pct >= 80"""
        start = time.perf_counter()
        rows = connection.execute(query).fetchall()
        return time.perf_counter() - start, rows, duckdb.__version__

    return run


DUCKDB_JSON = """
    select eventType as e, outcome.reason as r, actor.alternateId as u, client.ipAddress as ip
    from read_json('FILES', format = 'newline_delimited', columns = {
        eventType: 'VARCHAR', outcome: 'STRUCT(reason VARCHAR)',
        actor: 'STRUCT("alternateId" VARCHAR)', client: 'STRUCT("ipAddress" VARCHAR)'})"""
DUCKDB_LINES = """
    select line->>'$.eventType' as e, line->>'$.outcome.reason' as r,
           line->>'$.actor.alternateId' as u, line->>'$.client.ipAddress' as ip
    from read_csv('FILES', columns = {line: 'VARCHAR'}, delim = chr(1), quote = '', escape = '', header = false,
        auto_detect = false, max_line_size = 16777216)
    where contains(line, 'INVALID_CREDENTIALS') or contains(line, 'LOCKED_OUT')"""


def polars(reads_lines: bool):
    """Polars cannot read LZ4 frames; `folder` holds plain text. Its streaming engine."""

    def run(folder: str, threads: int):
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        import polars as pl

        def frame():
            if reads_lines:
                line = pl.col("line")
                candidates = pl.scan_lines(f"{folder}/*.json").filter(line.str.contains_any(list(LITERALS)))
                return candidates.select(
                    e=line.str.json_path_match("$.eventType"),
                    r=line.str.json_path_match("$.outcome.reason"),
                    u=line.str.json_path_match("$.actor.alternateId"),
                    ip=line.str.json_path_match("$.client.ipAddress"),
                )
            fields = {"outcome": "reason", "actor": "alternateId", "client": "ipAddress"}
            schema = {"eventType": pl.String} | {of: pl.Struct({name: pl.String}) for of, name in fields.items()}
            columns = [pl.col(of).struct.field(name) for of, name in fields.items()]
            events = pl.scan_ndjson(f"{folder}/*.json", schema=schema)
            return events.select(e=pl.col("eventType"), **dict(zip(["r", "u", "ip"], columns, strict=True)))

        e, n, ip = pl.col("e"), pl.col("n"), pl.col("ip")
        start = time.perf_counter()
        is_sign_in = e.str.starts_with("user.authentication.") | (e == "user.session.start")
        rows = (
            frame()
            .filter(is_sign_in & pl.col("r").is_in(LITERALS) & (pl.col("u") != ""))
            .with_columns(pl.when(~ip.is_in(NO_ADDRESS)).then(ip).alias("ip"))
            .group_by("ip", "u")
            .len("n")
            .group_by("ip")
            .agg(total=n.sum(), users=pl.len(), most=n.max(), pct=(n <= 2).sum() * 100.0 / pl.len())
            .filter((pl.col("total") >= 25) & (pl.col("users") >= 15) & (pl.col("most") <= 2) & (pl.col("pct") >= 80))
            .collect(engine="streaming")
            .rows()
        )
        return time.perf_counter() - start, rows, pl.__version__

    return run


def pipeline(folder: str, threads: int):
    """`lz4 -dc | grep -F | python`: what is at hand everywhere. One process each, whatever `threads` says."""
    files = sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)
    start = time.perf_counter()
    plain = subprocess.Popen(["lz4", "-dcm", *files], stdout=subprocess.PIPE)
    grep = ["grep", "-F", *(argument for literal in LITERALS for argument in ("-e", literal))]
    lines = subprocess.Popen(grep, stdin=plain.stdout, stdout=subprocess.PIPE, env=os.environ | {"LC_ALL": "C"})
    plain.stdout.close()
    attempts = defaultdict(Counter)
    for line in lines.stdout:
        event = json.loads(line)
        kind, user = event.get("eventType") or "", (event.get("actor") or {}).get("alternateId")
        if not (kind.startswith("user.authentication.") or kind == "user.session.start") or not user:
            continue
        if (event.get("outcome") or {}).get("reason") in LITERALS:
            address = (event.get("client") or {}).get("ipAddress")
            attempts[None if address in NO_ADDRESS else address][user] += 1
    if plain.wait() != 0 or lines.wait() > 1:
        sys.exit("lz4 or grep failed")
    rows = []
    for address, users in attempts.items():
        total, most = users.total(), max(users.values())
        pct = sum(count <= 2 for count in users.values()) * 100.0 / len(users)
        if total >= 25 and len(users) >= 15 and most <= 2 and pct >= 80:
            rows.append((address, total, len(users), most, pct))
    return time.perf_counter() - start, rows, f"Python {sys.version.split()[0]}"


PEERS = {
    "clickhouse-position": clickhouse(CLICKHOUSE_POSITION),
    "clickhouse-multisearch": clickhouse(CLICKHOUSE_MULTI_SEARCH),
    "clickhouse-json": clickhouse(CLICKHOUSE_JSON),
    "duckdb-json": duckdb(DUCKDB_JSON),
    "duckdb-lines": duckdb(DUCKDB_LINES),
    "polars-json": polars(reads_lines=False),
    "polars-lines": polars(reads_lines=True),
    "pipeline": pipeline,
}

if __name__ == "__main__":
    name, folder, threads = sys.argv[1:]
    seconds, rows, version = PEERS[name](folder, int(threads))
    print(json.dumps({"wall_seconds": seconds, "version": version, "rows": rows}))
