"""Draws the top of a report, from the headline to the incidents with compromised users, as a small PNG.

usage: report_picture.py SLUICE FOLDER PICTURE
"""

import base64
import io
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image

from report_browser import browser

WIDTH, HEIGHT = 1280, 900
BYTES_MAX = 200_000

# The picture ends with the line below a row, so that it cuts no text.
BOTTOM = """
    const rows = [...document.querySelectorAll('#incidents > .scroll tbody tr')].filter(r => r.querySelector('td.bad'))
    return rows.length ? Math.ceil(rows.at(-1).getBoundingClientRect().bottom + scrollY) : 0
"""


def report(sluice, folder):
    """The report of a small archive with the attacks that the README shows. No path in it names a machine."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for arguments in (
        ("generate", "--events", "20000", "--seed", "1", "--output", "trial"),
        ("scan", "--format", "html", "--output", "report.html", "trial/archive"),
    ):
        subprocess.run([sluice, *arguments], cwd=folder, check=True)
    return folder / "report.html"


def draw(page):
    driver = browser()
    try:
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False},
        )
        driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]}
        )
        driver.get(page.resolve().as_uri())
        bottom = driver.execute_script(BOTTOM)
        if not bottom:
            sys.exit("the report shows no incident with compromised users")
        shot = driver.execute_cdp_cmd(
            "Page.captureScreenshot",
            {
                "captureBeyondViewport": True,
                "clip": {"x": 0, "y": 0, "width": WIDTH, "height": bottom, "scale": 1},
            },
        )
    finally:
        driver.quit()
    return Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")


def main():
    sluice, folder, path = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    image = draw(report(sluice, folder))
    # A page has few colours; a palette of them is a third of the size.
    data = io.BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(data, "PNG", optimize=True)
    size = len(data.getvalue())
    if size > BYTES_MAX:
        sys.exit(f"the picture has {size} bytes, of {BYTES_MAX} allowed")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.getvalue())
    print(f"{path}: {image.width} × {image.height}, {size} bytes")


if __name__ == "__main__":
    main()
