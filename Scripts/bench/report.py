"""Prints rows as a Markdown table and writes a run as JSON without paths of this machine."""

import json
from pathlib import Path

HEADER = (
    "| work | reference s | measured s | ratio of medians | median of pairs | min … max | whole process | processor "
    "| target | good enough | reached |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def line(row: dict) -> str:
    """A row of the table; more is better, but for bytes."""
    if "skipped" in row:
        return f"| {row['title']} | | | | | | | | | | {row['skipped']} |"
    form = "{:.1f} ×" if row["unit"] == "times" else "{:.2f}"
    aims = [aim(row["unit"], value) for value in (row["target"], row["good_enough"])]
    if row["unit"] == "bytes":
        peaks = [f"{peak / 1e6:.1f} MB" for peak in row["peak_rss_bytes"]]
        value, low, high = (row[f"bytes_per_additional_observation{end}"] for end in ("", "_min", "_max"))
        figures = [*peaks, f"{value:.0f}", "", f"{low:.0f} … {high:.0f}", "", ""]
    else:
        figures = [
            f"{row['reference_seconds']:.3f}",
            f"{row['measured_seconds']:.3f}",
            form.format(row["ratio_of_medians"]),
            form.format(row["median_of_pair_ratios"]),
            f"{form.format(row['pair_ratio_min'])} … {form.format(row['pair_ratio_max'])}",
            form.format(row["median_of_process_pair_ratios"]),
            form.format(row["median_of_cpu_pair_ratios"]),
        ]
    return "| " + " | ".join([row["title"], *figures, *aims, row["reached"]]) + " |"


def aim(unit: str, value: float | None) -> str:
    if not value:
        return ""
    return {"ratio": f"{value:.2f}", "times": f"{value:.0f} ×", "bytes": f"≤ {value}"}[unit]


def verdict(row: dict) -> str:
    """By the median of the pairs: pairs bear a machine that is busy now and then."""
    if not row.get("target"):
        return ""
    if row["unit"] == "bytes":
        return "target" if row["bytes_per_additional_observation"] <= row["target"] else "no"
    value = row["median_of_pair_ratios"]
    if value >= row["target"]:
        return "target"
    return "good enough" if value >= row["good_enough"] else "no"


def write(result: dict, path: Path, names: dict[str, str]) -> None:
    """Writes `result`, with `names` put for the paths that are their keys, longest first."""
    text = json.dumps(result, indent=1, ensure_ascii=False)
    for place in sorted(names, key=len, reverse=True):
        text = text.replace(place, names[place])
    path.write_text(text + "\n")
