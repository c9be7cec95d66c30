"""A rule as a French sentence that someone who writes no code understands."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Transform = Mapping[str, Any]
SHOWN = 4
MARKS = {
    "\n": "la fin de ligne",
    "\n\n": "une ligne vide",
    " ": "une espace",
    ", ": "une virgule",
    ",": "la virgule",
    ";": "le point-virgule",
    "; ": "un point-virgule",
    "|": "la barre verticale",
    "/": "la barre oblique",
    "-": "le trait d’union",
    " – ": "le tiret long",
    " - ": "le tiret",
    " • ": "la puce",
}


def described(rule: Mapping[str, Any]) -> str:
    """« Colonne « Thèmes » ; découper sur le point-virgule. »"""
    steps = [step(transform) for transform in rule.get("transforms") or ()]
    if paths_of(rule):
        parts = [columns_of(rule), *steps]
        if "default" in rule:
            parts.append(f"à défaut : {quoted(rule['default'])}")
    else:
        parts = [f"toujours {quoted(rule.get('default'))}"]
    sentence = " ; ".join(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def paths_of(rule: Mapping[str, Any]) -> list[str]:
    """Where a rule reads, one path or several."""
    return list(rule.get("paths") or ([rule["path"]] if rule.get("path") else []))


def columns_of(rule: Mapping[str, Any]) -> str:
    names = [quoted(path) for path in paths_of(rule)]
    if len(names) == 1:
        return f"colonne {names[0]}"
    return f"colonnes {', '.join(names[:-1])} et {names[-1]}"


def step(transform: Transform) -> str:
    """One operation, in words."""
    operation = str(transform.get("op", ""))
    told = STEPS.get(operation)
    return told(transform) if told else operation


def quoted(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return ", ".join(quoted(v) for v in value)
    return f"« {value} »"


def mark(separator: str) -> str:
    """A separator by its name: « la fin de ligne », or as it is written."""
    return MARKS.get(separator, quoted(separator))


def _split(transform: Transform) -> str:
    marks = [mark(s) for s in transform.get("separators") or ()]
    if not marks:
        return "découper en plusieurs valeurs"
    return f"découper sur {' ou '.join(marks)}"


def _map(transform: Transform) -> str:
    pairs = [f"{quoted(a)} → {quoted(b)}" for a, b in (transform.get("values") or {}).items()]
    told = f"remplacer {_listed(pairs, 'autres valeurs')}" if pairs else "remplacer des valeurs"
    if "default" in transform:
        told += f", toute autre valeur → {quoted(transform['default'])}"
    return told


def _regex(transform: Transform) -> str:
    pattern = quoted(transform.get("pattern", ""))
    if "replace" in transform:
        return f"remplacer {pattern} par {quoted(transform['replace'])} (expression régulière)"
    return f"ne garder que {pattern} (expression régulière)"


def _listed(parts: Sequence[str], rest: str) -> str:
    more = len(parts) - SHOWN
    return ", ".join(parts[:SHOWN]) + (f" et {more} {rest}" if more > 0 else "")


STEPS: dict[str, Callable[[Transform], str]] = {
    "strip_html": lambda t: "enlever les balises HTML",
    "clean_html": lambda t: "garder la mise en forme",
    "split": _split,
    "join": lambda t: f"réunir avec {mark(str(t.get('separator', ' ')))}",
    "first": lambda t: "garder la première valeur",
    "default": lambda t: f"si c’est vide, mettre {quoted(t.get('value'))}",
    "map": _map,
    "drop": lambda t: (
        f"écarter {_listed([quoted(v) for v in t.get('values') or ()], 'autres valeurs')}"
    ),
    "regex": _regex,
    "lower": lambda t: "mettre en minuscules",
    "capitalize": lambda t: "mettre une majuscule initiale",
    "prefix": lambda t: f"ajouter devant {quoted(t.get('value', ''))}",
    "date": lambda t: "lire la date",
    "year": lambda t: "garder l’année",
    "number": lambda t: "lire le nombre",
    "url": lambda t: (
        f"réparer l’adresse, à partir de {quoted(t['base'])}"
        if t.get("base")
        else "réparer l’adresse"
    ),
    "place": lambda t: "reconnaître le lieu",
}
