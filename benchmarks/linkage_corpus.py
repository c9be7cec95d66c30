"""Records of many partners, generated, with duplicates and further sites put in: what is to find.

Deterministic. Words are those of the field, made-up brands, and towns; nobody and nothing exists.
"""

import math
import random
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from benchmarks.generated import AIMS, KINDS, SENTENCES, STRUCTURES, THINGS
from territories.kinds import Kind
from territories.reference import files

SOURCES = 40
# Shares of the records that tell another again, in its place or in another; and of those that
# only bear a common name.
TWICE, ELSEWHERE, NAMESAKES = 0.07, 0.03, 0.03
# Networks (« France services »…) are left out: whether their places are sites is a choice.
BODIES = (
    "Médiathèque", "Centre social", "Maison de quartier", "Espace public numérique", "CCAS",
    "MJC", "Bibliothèque", "Mairie", "Ludothèque", "Maison des associations",
)  # fmt: skip
SYLLABLES = (
    "ba", "bri", "ca", "clo", "cou", "da", "dou", "fa", "flo", "ga", "gri", "jo", "la", "li", "lou",
    "ma", "mi", "mou", "na", "no", "o", "pa", "pli", "ra", "ri", "sa", "so", "ta", "tri", "va",
    "vi", "zo", "lab", "co", "lien", "tis", "mut", "coop", "recup", "terr", "bal", "cher", "dro",
    "fi", "gno", "jau", "lan", "mar", "nel", "pon", "quin", "ros", "ser", "tan", "ver", "wa",
)  # fmt: skip
VERBS = ("Accompagner", "Agir pour", "Apprendre", "Bien vivre", "Construire", "Cultiver", "Réparer")
OBJECTS = (
    "l’emploi des jeunes", "la mobilité en milieu rural", "le logement partagé", "les aidants",
    "la lecture au collège", "l’accès aux droits", "le réemploi des matériaux", "la santé mentale",
    "l’alimentation durable", "les savoirs des anciens", "le numérique pour tous",
    "la vie de village",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One record, and the number of the project and place that it tells."""

    number: int
    source: int
    values: dict[str, Any]
    sites: list[dict[str, Any]]
    url: str = ""


@dataclass
class Corpus:
    """``same`` and ``site``: the pairs (first < second) to be found."""

    records: list[Told] = field(default_factory=list)
    same: set[tuple[int, int]] = field(default_factory=set)
    site: set[tuple[int, int]] = field(default_factory=set)


def corpus(rows: int) -> Corpus:
    """``rows`` records; what is told again comes after what it tells again."""
    made = Corpus()
    draw = random.Random(rows)
    first = int(rows * (1 - TWICE - ELSEWHERE - NAMESAKES))
    for number in range(first):
        made.records.append(_new(number))
    for number in range(first, rows):
        origin = made.records[draw.randrange(first)]
        chance = draw.random() * (TWICE + ELSEWHERE + NAMESAKES)
        if chance < TWICE:
            made.records.append(_again(number, origin, draw))
            made.same.add((origin.number, number))
        elif chance < TWICE + ELSEWHERE:
            made.records.append(_elsewhere(number, origin, draw))
            made.site.add((origin.number, number))
        else:
            made.records.append(_namesake(number, origin, draw))
    return made


@cache
def towns() -> list[tuple[str, str, float, float]]:
    """(Name, code, latitude, longitude) of the communes, the larger as often as they are large."""
    found = []
    for row in files.territories():
        if row.kind == Kind.COMMUNE and row.latitude is not None:
            often = 1 + int(math.sqrt(row.population or 0) / 12)
            found += [(row.name, row.code, row.latitude, row.longitude)] * often
    return found


def _new(number: int) -> Told:
    draw = random.Random(number)
    town = draw.choice(towns())
    title, brand = _title(draw, town[0])
    values: dict[str, Any] = {"title": title, "description": _text(draw, title)}
    if draw.random() < 0.6:
        values["porteur"] = {"name": _porteur(draw, brand, town[0])}
    if (web := _website(draw, brand, number)) and draw.random() < 0.6:
        values["website"] = web
    if draw.random() < 0.5:
        values["year"] = draw.randint(2005, 2025)
    sites = [] if draw.random() < 0.08 else [_site(draw, town)]
    url = f"https://partenaire-{number % SOURCES}.exemple.fr/projets/{number}"
    return Told(number, number % SOURCES + 1, values, sites, url)


def _title(draw: random.Random, town: str) -> tuple[str, str]:
    """(Title, what it is known by)."""
    chance = draw.random()
    if chance < 0.12:
        body = draw.choice(BODIES)
        return f"{body} de {town}", ""
    if chance < 0.45:
        brand = _brand(draw)
        kind = draw.choice(
            ("", "", "Le ", "Fablab ", "Espace de coworking ", "Association ", "Atelier ")
        )
        return f"{kind}{brand}", brand
    if chance < 0.7:
        brand = f"{draw.choice(THINGS)} {draw.choice(KINDS)} {draw.choice(AIMS)}".capitalize()
        return (f"{brand} de {town}" if draw.random() < 0.5 else brand), brand
    if chance < 0.85:
        brand = f"{draw.choice(VERBS)} {draw.choice(OBJECTS)}"
        return f"{brand} avec {_brand(draw)}", brand
    brand = f"{draw.choice(THINGS)} {_brand(draw)}".capitalize()
    return brand, brand


def _brand(draw: random.Random) -> str:
    return "".join(draw.choice(SYLLABLES) for _ in range(draw.randint(3, 5))).capitalize()


def _porteur(draw: random.Random, brand: str, town: str) -> str:
    """A made-up name, or that of the project: with its town when it is of common words."""
    if draw.random() < 0.5 or not brand:
        return f"{draw.choice(STRUCTURES)} {_brand(draw)}"
    return f"{draw.choice(STRUCTURES)} {brand}" + (f" de {town}" if " " in brand else "")


def _website(draw: random.Random, brand: str, number: int) -> str:
    """A page on a shared site, or a site of its own: no two have the same name."""
    name = "-".join(w for w in brand.lower().split() if w.isascii())[:40]
    if not name or draw.random() < 0.2:
        return f"https://www.facebook.com/{_brand(draw).lower()}{number}"
    return f"https://www.{name}-{number}.exemple.fr/"


def _text(draw: random.Random, title: str) -> str:
    """Sentences of the field, each with words of its own; one or two that many share."""
    told = [_own(draw, sentence) for sentence in draw.sample(SENTENCES, draw.randint(2, 5))]
    told.append(draw.choice(SENTENCES))
    told.insert(1, f"{title} est né en {draw.randint(2000, 2025)} de {_brand(draw)}.")
    return " ".join(told)


def _own(draw: random.Random, sentence: str) -> str:
    words = sentence.split()
    for spot in range(2, len(words), 3):
        words[spot] = _brand(draw).lower()
    return " ".join(words)


def _site(draw: random.Random, town: tuple[str, str, float, float], near: float = 0.01) -> dict:
    name, code, latitude, longitude = town
    return {
        "label": name, "kind": "commune", "code": code, "name": name, "confidence": 1.0, "note": "",
        "latitude": latitude + draw.gauss(0, near), "longitude": longitude + draw.gauss(0, near),
    }  # fmt: skip


def _again(number: int, origin: Told, draw: random.Random) -> Told:
    """The same project as another partner tells it."""
    values = dict(origin.values)
    for _ in range(draw.choice((0, 1, 1, 2))):
        values["title"] = draw.choice(ALTERED)(values["title"], draw)
    for name, chance in (("website", 0.3), ("porteur", 0.3), ("year", 0.4)):
        if draw.random() < chance:
            values.pop(name, None)
    chance = draw.random()
    if chance < 0.5:
        values["description"] = _text(draw, values["title"])
    elif chance < 0.8:
        values["description"] = values["description"][: draw.randint(60, 200)]
    return _told(number, origin, values, _moved(origin.sites, draw), draw)


def _moved(sites: list[dict[str, Any]], draw: random.Random) -> list[dict[str, Any]]:
    """The same place, told less or more exactly; one in ten moved within its town."""
    chance = draw.random()
    if not sites or chance < 0.08:
        return []
    spread = 0.012 if chance < 0.2 else 0.0003
    return [
        {**s, "latitude": s["latitude"] + draw.gauss(0, spread),
         "longitude": s["longitude"] + draw.gauss(0, spread)}
        if chance < 0.75 else {**s, "latitude": None, "longitude": None}
        for s in sites
    ]  # fmt: skip


def _elsewhere(number: int, origin: Told, draw: random.Random) -> Told:
    """Another site of the project, told by its partner or by another."""
    town = draw.choice(towns())
    values = dict(origin.values)
    if draw.random() < 0.3:
        values["title"] = f"{values['title']} {town[0]}"
    if draw.random() < 0.5:
        values["description"] = _text(draw, values["title"])
    return _told(number, origin, values, [_site(draw, town)], draw)


def _namesake(number: int, origin: Told, draw: random.Random) -> Told:
    """A common name borne by someone else in another town."""
    new = _new(number)
    if origin.values["title"].split()[0] in {b.split()[0] for b in BODIES}:
        return new
    title = f"{draw.choice(THINGS)} {draw.choice(KINDS)} {draw.choice(AIMS)}".capitalize()
    return replace(new, values={**new.values, "title": title})


def _told(number: int, origin: Told, values: dict, sites: list, draw: random.Random) -> Told:
    source = draw.choice([s for s in range(1, SOURCES + 1) if s != origin.source])
    url = f"https://partenaire-{source}.exemple.fr/projets/{number}"
    return Told(number, source, values, sites, url)


def _typo(title: str, draw: random.Random) -> str:
    spot = draw.randrange(max(1, len(title) - 1))
    kind = draw.random()
    if kind < 0.35:
        return title[:spot] + title[spot + 1 :]
    if kind < 0.7:
        return (
            title[:spot] + title[spot + 1 : spot + 2] + title[spot : spot + 1] + title[spot + 2 :]
        )
    return title[:spot] + draw.choice("aeilnrst") + title[spot:]


def _shouted(title: str, draw: random.Random) -> str:
    return title.upper()


def _shuffled(title: str, draw: random.Random) -> str:
    words = title.split()
    return " - ".join((" ".join(words[1:]), words[0])) if len(words) > 1 else title


def _longer(title: str, draw: random.Random) -> str:
    return f"{draw.choice(('Association', 'Espace', 'Projet', 'Tiers-lieu', 'Le'))} {title}"


def _shorter(title: str, draw: random.Random) -> str:
    words = title.split()
    return " ".join(words[1:]) if len(words) > 2 else title


def _glued(title: str, draw: random.Random) -> str:
    words = title.split()
    return "".join(words[:2]) + " " + " ".join(words[2:]) if len(words) > 1 else title


def _called(title: str, draw: random.Random) -> str:
    """« CSQ - Centre social de quartier », or the letters only."""
    letters = "".join(w[0] for w in title.split() if len(w) > 2).upper()
    if len(letters) < 3:
        return title
    return f"{letters} - {title}" if draw.random() < 0.7 else letters


ALTERED = (_typo, _typo, _shouted, _shuffled, _longer, _shorter, _glued, _called)
