"""Archives for reports to be made of."""

import json
from datetime import UTC, datetime, timedelta


class HOSTILE:
    # Texts that run, load or end something if they are taken for markup. A letter before `<` or a mark after it may
    # combine with it to another character.
    texts = (
        "<script>window.hit=1</script>",
        '"><img src=x onerror=window.hit=1>',
        "' onmouseover='window.hit=1",
        "</title></style></textarea><svg onload=window.hit=1>",
        "\u0d4e<img src=x onerror=window.hit=1>",
        '"\u0301 autofocus onfocus=window.hit=1 tabindex=0 x="',
        "javascript:window.hit=1",
        "{{{summary}}} {{>page}}",
        "<base href=https://example.org/>",
        "<!-- ]]> &lt;b&gt; &#0;",
    )
    # Texts with invisible characters, and what the page must show in place of each.
    marks = (
        ("\u202egpj.exe", "\\u{202e}gpj.exe"),
        ("\u200bx\u2066", "\\u{200b}x\\u{2066}"),
        ("\x1b[31m", "\\u{1b}[31m"),
    )
    invisible = frozenset((0x202E, 0x200B, 0x2066, 0x7F))


def event(at, kind, ip, user, number, text="Mozilla/5.0", result="FAILURE", reason="INVALID_CREDENTIALS"):
    return json.dumps(
        {
            "actor": {"id": f"00u{number}", "type": "User", "alternateId": user},
            "client": {
                "userAgent": {"rawUserAgent": text},
                "device": text,
                "ipAddress": ip,
                "geographicalContext": {"city": text, "country": text},
            },
            "eventType": kind,
            "outcome": {"result": result, "reason": reason},
            "published": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "securityContext": {"asNumber": 64500, "asOrg": text, "isp": text, "domain": text, "isProxy": True},
            "uuid": f"{ip}-{number}",
        },
        separators=(",", ":"),
    )


START = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


def hostile(folder):
    """An archive whose every text is hostile, rules whose are too, and what the page must show."""
    archive = folder / "hostile"
    archive.mkdir(exist_ok=True)
    lines, number = [], 0
    texts = [*HOSTILE.texts, *(text for text, _ in HOSTILE.marks)]
    for place, text in enumerate(texts):
        at, ip = START + timedelta(hours=3 * place), f"198.51.100.{place + 1}"
        for user in range(25):
            number += 1
            attempt = at + timedelta(seconds=20 * user)
            lines.append(event(attempt, "user.session.start", ip, f"{user}{text}", number, text))
        number += 1
        lines.append(
            event(at + timedelta(minutes=30), "user.session.start", ip, f"0{text}", number, text, "SUCCESS", None)
        )
    lines.append('{"eventType":"user.account.lock <script>window.hit=1</script>')
    (archive / "a.json").write_text("\n".join(lines) + "\n")
    name = "<img src=x onerror=window.hit=1>\u202e.lz4"
    (archive / name).write_bytes(b"\0\1\2")
    rules = folder / "rules.yaml"
    quoted = json.dumps("<script>window.hit=1</script> reason")
    rules.write_text(
        "rules:\n"
        "  - id: okta-credential-stuffing\n"
        "    source: javascript:window.hit=1\n"
        f"    title: {quoted}\n"
        f"    next_steps: [{quoted}]\n"
        "exceptions:\n"
        f"  - {{id: used, ip: 198.51.100.1, owner: {quoted}, reason: {quoted}}}\n"
        f"  - {{id: unused, ip: 192.0.2.1, owner: {quoted}, reason: {quoted}, expires: 2026-12-31}}\n"
    )
    shown = [
        *HOSTILE.texts[1:9],
        *(mark for _, mark in HOSTILE.marks),
        "<script>window.hit=1</script> reason",
        "<img src=x onerror=window.hit=1>\\u{202e}.lz4",
    ]
    return archive, rules, shown


def crowd(folder):
    """Some 10,000 detections of 3,400 client IPs."""
    path = folder / "crowd.json"
    with path.open("w") as file:
        for place in range(3400):
            at = START + timedelta(minutes=7 * place)
            ip = f"10.{place >> 8}.{place & 255}.9"
            for user in range(25):
                file.write(event(at, "user.session.start", ip, f"user{user}@example.org", f"{place}-{user}") + "\n")
    return path
