"""Whose e-mail address: a person's, or that of a function (contact@, mairie@…)?"""

import re
from functools import cache
from pathlib import Path

from carrefour.text import key

FOLDER = Path(__file__).parent / "words"
WORDS = re.compile(r"[a-z]+")


def is_functional(address: str) -> bool:
    """Whether the part before « @ » says what the box is for."""
    return any(_is_function(word) for word in _words(address))


def is_personal(address: str) -> bool:
    """Whether the address is certainly a person's: at a provider of the public and without a
    function, or « prénom.nom » wherever it is."""
    if is_functional(address):
        return False
    domain = address.rpartition("@")[2].lower()
    return domain in providers() or _names_someone(address)


def may_be_personal(address: str) -> bool:
    """« j.dupont »: most often someone, but « e.controle » is a service."""
    words = _words(address)
    return not is_functional(address) and len(words) == 2 and min(map(len, words)) == 1


def _names_someone(address: str) -> bool:
    """« jean.dupont », « dupont.jean », « jean-paul.dupont »."""
    words = _words(address)
    is_parted = re.search(r"[._-]", address.partition("@")[0])
    return bool(is_parted) and len(words) > 1 and any(w in first_names() for w in words)


def _is_function(word: str) -> bool:
    whole, beginnings = functions()
    if word in first_names():
        return False
    return word in whole or word.startswith(beginnings)


def _words(address: str) -> list[str]:
    return WORDS.findall(key(address.partition("@")[0]))


@cache
def listed(name: str) -> frozenset[str]:
    """The words of one of our lists."""
    return frozenset((FOLDER / f"{name}.txt").read_text().split())


def first_names() -> frozenset[str]:
    """The usual first names in France, without accents."""
    return listed("prenoms")


def providers() -> frozenset[str]:
    """Where people, rather than organisations, have their address."""
    return listed("fournisseurs")


@cache
def functions() -> tuple[frozenset[str], tuple[str, ...]]:
    """What a box is for, rather than who reads it: whole words, and beginnings (« mediath* »)."""
    found = listed("fonctions")
    beginnings = tuple(w.removesuffix("*") for w in found if w.endswith("*"))
    return found, beginnings
