"""French agreement with a number, in one place: nothing and one are singular.

The library of template tags below is built in (see ``TEMPLATES`` in the settings): in every
template, ``pluralize`` is French. Python writes sentences with ``counted`` and ``agree``.
"""

from typing import Any

from django import template
from django.template.defaultfilters import pluralize as english_pluralize

register = template.Library()


def is_plural(count: float) -> bool:
    return abs(count) >= 2


def agree(count: float, singular: str, plural: str = "") -> str:
    """The form that goes with ``count``; without ``plural``, each word takes its mark.

    « fiche refusée » → « fiches refusées », « lieu » → « lieux », « mois » → « mois ».
    """
    if not is_plural(count):
        return singular
    return plural or " ".join(_marked(word) for word in singular.split(" "))


def counted(count: int, singular: str, plural: str = "") -> str:
    """« 0 fiche refusée », « 1 fiche refusée », « 1 200 fiches refusées »."""
    return f"{grouped(count)} {agree(count, singular, plural)}"


def grouped(count: int) -> str:
    """« 12 345 », thousands parted by a narrow no-break space."""
    return f"{count:,}".replace(",", "\u202f")


@register.filter(is_safe=False)
def pluralize(value: Any, arg: str = "s") -> str:
    """Django's ``pluralize``, but nothing is singular: « 0 fiche », « 1,5 jour »."""
    try:
        count = float(value)
    except ValueError:
        return ""
    except TypeError:
        count = len(value) if hasattr(value, "__len__") else 1
    return english_pluralize(2 if is_plural(count) else 1, arg)


def _marked(word: str) -> str:
    if word.endswith(("s", "x", "z")):
        return word
    return word + ("x" if word.endswith(("eau", "eu")) else "s")
