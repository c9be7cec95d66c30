"""A kit as a PDF (PDF/UA-1 and PDF/A-2a), by Typst in a program of its own.

Texts are handed as data, never as Typst's own language: nothing in them can be run.
"""

import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.dateformat import format as formatted
from django.utils.html import escape

from carrefour.text import excerpt
from essaimage.kit.blocks import Kit, Map
from essaimage.kit.letters import printable

PRESS = Path(__file__).parent / "press.py"
SECONDS = 20
# A longer text is cut, and says so; a kit longer than that is not printed.
LONGEST_TEXT = 20_000
LONGEST = 2_000_000
# A word longer than that may be broken anywhere: an address, or what was never meant to be read.
ENDLESS = re.compile(r"\S{40}(?=\S)")
BREAK = "\u200b"
CUT = "… La suite se lit sur la fiche."
COLOURS = {
    "land": "#dcdce6",
    "project": "#000091",
    "begun": "#18753c",
    "planned": "#6a6af4",
    "stopped": "#b34000",
}


class CannotPrint(Exception):
    """The PDF could not be made; the message says why, for the journal of the server."""


def payload(kit: Kit) -> str:
    """What the template reads, as JSON: printable texts, whole addresses, the map as SVG.

    Raises ``CannotPrint`` when the kit is too long.
    """
    content = asdict(kit)
    content["map"] = kit.map and {
        "svg": svg(kit.map),
        "alt": kit.map.alt,
        "legend": [asdict(tone) | {"colour": COLOURS[tone.code]} for tone in kit.map.legend],
    }
    day = content.pop("as_of")
    content |= {
        "day": [day.year, day.month, day.day],
        "as_of": formatted(day, "j F Y"),
        "site": settings.BASE_URL,
        "head": f"Kit de reprise : {kit.title}",
        "page": reverse("essaimage:kit", args=[kit.slug]),
        "running": excerpt(kit.title, 80),
    }
    told = json.dumps(_handed(content), ensure_ascii=False)
    if len(told) > LONGEST:
        raise CannotPrint(f"{len(told)} characters")
    return told


def print_pdf(told: str) -> bytes:
    """The PDF of a ``payload``. Raises ``CannotPrint``."""
    command = [sys.executable, "-I", str(PRESS), str(SECONDS)]
    try:
        done = subprocess.run(
            command, input=told.encode(), capture_output=True, timeout=SECONDS, check=True, env={}
        )
    except subprocess.TimeoutExpired as late:
        raise CannotPrint(f"more than {SECONDS} seconds") from late
    except subprocess.CalledProcessError as refused:
        said = refused.stderr.decode(errors="replace").strip()[-500:]
        raise CannotPrint(said or f"status {refused.returncode}") from refused
    return done.stdout


def svg(drawn: Map) -> str:
    """The map as an SVG picture."""
    paths = "".join(
        f'<path d="{escape(zone.d)}" fill="{COLOURS[zone.tone]}"/>' for zone in drawn.zones
    )
    frames = "".join(
        f'<rect x="{f.x}" y="{f.y}" width="{f.width}" height="{f.height}" fill="none"'
        ' stroke="#dddddd"/>'
        for f in drawn.frames
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{drawn.viewbox}">'
        f'<g stroke="#ffffff" stroke-width="1.5">{paths}</g>{frames}</svg>'
    )


def _handed(value: Any, name: str = "") -> Any:
    """The same content, fit to be printed."""
    if isinstance(value, dict):
        return {key: _handed(item, key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_handed(item, name) for item in value]
    if not isinstance(value, str) or name == "svg":
        return value
    return _whole(value) if name in {"url", "address"} else _cut(printable(value))


def _cut(text: str) -> str:
    """The text no longer than may be printed, its endless words cut where a line ends."""
    shown = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + CUT
    return ENDLESS.sub(lambda found: found[0] + BREAK, shown)


def _whole(address: str) -> str:
    """The address on the web, or the section of the kit that it names; "" for what is neither."""
    if address.startswith("/"):
        return settings.BASE_URL + address
    return address if address.startswith(("http://", "https://", "#")) else ""
