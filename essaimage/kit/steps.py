"""The steps that a kit proposes, from essaimage/data/kit/etapes.toml, with what the site offers."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from essaimage.kit.blocks import Link, Section, Step, Steps
from innovations.models import Innovation
from innovations.record_page import RecordPage

FILE = Path(__file__).parent.parent / "data" / "kit" / "etapes.toml"


@cache
def written() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(FILE.read_text("utf-8"))["step"]
    return found


def pages(innovation: Innovation, page: RecordPage) -> dict[str, str]:
    """The names that the file may use, and where each leads for this record; "" when the site has
    no such page."""
    slug, record = innovation.slug, innovation.get_absolute_url()
    assessment = reverse("essaimage:assessment_start")
    return {
        "margin": "#marge",
        "obstacles": "#obstacles",
        "results": "#resultats",
        "record": record,
        # Everything under its first theme, or the whole directory.
        "search": page.themes[0].url if page.themes else reverse("innovations:search"),
        "replications": reverse("essaimage:spread_of", args=[slug]),
        "assessment": f"{assessment}?{urlencode({'innovation': slug})}",
        "declare": reverse("essaimage:declare", args=[slug]),
        "suggest": reverse("partners:suggest", args=[slug]),
        "contact": reverse("site:contact"),
    }


def section(innovation: Innovation, page: RecordPage) -> Section:
    known = pages(innovation, page)
    steps = tuple(
        Step(
            step["title"],
            step["text"],
            tuple(
                Link(offer["text"], known[offer["page"]])
                for offer in step.get("offer", ())
                if known[offer["page"]]
            ),
        )
        for step in written()
    )
    intro = (
        "Proposées en termes généraux : à adapter, à mener de front ou à reprendre. À chacune, ce "
        "que le Carrefour offre."
    )
    return Section("etapes", "Les étapes d’une reprise", intro, (Steps(steps),))
