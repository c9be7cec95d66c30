"""Texts that say nothing, or not well: told to the partner and to the team, never refused. Pure."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.html import strip_tags

from carrefour.text import key, one_line
from partners.screening.language import foreign


class Kind(models.TextChoices):
    LANGUAGE = "langue", "Pas en français"
    FILLER = "factice", "Texte d’attente"
    SAME = "titre-repete", "Ne fait que répéter le titre"
    CUT = "coupe", "Texte coupé"
    MARKUP = "balisage", "Restes de mise en page"
    CAPITALS = "capitales", "Tout en majuscules"
    BOILERPLATE = "passe-partout", "Même texte que d’autres fiches"


@dataclass(frozen=True)
class Remark:
    kind: str
    field: str
    detail: str = ""


TEXTS = ("summary", "description")
FILLER = re.compile(
    r"lorem ipsum|dolor sit amet|^(?:a (?:venir|completer|rediger|definir|remplir|preciser)|"
    r"tests?(?: \d+)?|essais?|n a|todo|tbd|xx+|na|nc|nr|neant|vide|rien|description|resume|texte|"
    r"sans (?:objet|description|titre)|"
    r"en (?:cours|construction|attente)(?: de (?:redaction|construction))?|"
    r"(?:description|texte|contenu|resume|fiche|page)s? (?:a|en cours de|bientot|en) \w+|"
    r"bientot(?: disponible)?|prochainement|hello world|bonjour tout le monde)$"
)
MARKUP = re.compile(
    r"&lt;/?[a-z]|&amp;(?:nbsp|lt|gt|amp|#)|</?(?:div|span|table|td|font|style|script)\b|"
    r"\[/?[a-z]+_[a-z_]+|\[(?:gallery|caption|embed|/?url|/?img)\b|\{\{|\}\}|<!--|mso-|"
    r"function\s?\(|\bstyle=[\"']|font-family:"
)
# A small word cannot end a sentence; an enumeration may well end with « … », a sentence may not.
ENDING = re.compile(
    r"(?:\[(?:…|\.\.\.)\]|\((?:…|\.\.\.|suite)\)|(?:…|\.\.\.)\s*(?i:lire la suite|en savoir plus)"
    r"|(?<![,;/()…])[^,;/()…]{60}[^.,\s…](?:…|\.\.\.)"
    r"|\b(?:le|la|les|un|une|des|du|de|d[’']|l[’']|et|ou|à|au|aux|en|dans|par|pour|avec|sur|que|qui"
    r"|est))"
    r"\s*$",
)
SHORTEST_CUT = 100
LETTER = re.compile(r"[^\W\d_]")


def remarks(values: Mapping[str, Any]) -> list[Remark]:
    """What can be said against the texts of a record."""
    title = str(values.get("title") or "")
    found = []
    if is_shouted(title, 15, 0.8):
        found.append(Remark(Kind.CAPITALS, "title"))
    if is_filler(title):
        found.append(Remark(Kind.FILLER, "title"))
    for field in TEXTS:
        if text := str(values.get(field) or ""):
            found += [Remark(kind, field, detail) for kind, detail in _of(text, title)]
    return found


def plain(text: str) -> str:
    """What a reader sees of an HTML or plain text, on one line."""
    if "<" not in text and "&" not in text:
        return one_line(text)
    return one_line(html.unescape(strip_tags(text.replace("<", " <"))))


def is_filler(text: str) -> bool:
    return bool(FILLER.search(key(text)))


def is_shouted(text: str, shortest: int, share: float) -> bool:
    letters = LETTER.findall(text)
    return len(letters) >= shortest and sum(c.isupper() for c in letters) > share * len(letters)


def _of(text: str, title: str) -> Iterator[tuple[str, str]]:
    read = plain(text)
    said = key(read)
    if FILLER.search(said):
        yield Kind.FILLER, ""
    elif said and said == key(title):
        yield Kind.SAME, ""
    elif language := foreign(read):
        yield Kind.LANGUAGE, language
    if len(read) >= SHORTEST_CUT and ENDING.search(read):
        yield Kind.CUT, ""
    if MARKUP.search(text):
        yield Kind.MARKUP, ""
    if is_shouted(read, 60, 0.7):
        yield Kind.CAPITALS, ""
