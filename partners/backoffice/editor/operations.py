"""Each operation of the mapping language as a small form: its words, its fields, both ways."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from partners.mapping.description import MARKS, quoted

REPLACE = "regex-remplacer"
OPAQUE = "json"
# Shown with the separators that a rule already has.
SEPARATORS = [";", ",", ", ", "|", "/", "\n", " – ", " - ", " • "]
LINE_END = "fin-de-ligne"
GLUES = [" ", ", ", "; ", "\n", "\n\n", " – "]
KEEP, OTHER = "garder", "autre"


@dataclass(frozen=True)
class Operation:
    """How an operation is offered to people."""

    key: str
    label: str
    hint: str


OPERATIONS = {
    o.key: o
    for o in (
        Operation("split", "Découper en plusieurs valeurs", "« culture ; emploi » en donne deux."),
        Operation("join", "Réunir en un seul texte", "Plusieurs colonnes ou valeurs, bout à bout."),
        Operation("first", "Garder la première valeur", "Quand il y en a plusieurs."),
        Operation("map", "Traduire des valeurs", "Dire ce que veut dire chaque mot du partenaire."),
        Operation("drop", "Écarter des valeurs", "Celles qui ne disent rien : « Autre », « NC »…"),
        Operation("default", "Mettre une valeur quand c’est vide", ""),
        Operation("year", "Garder l’année", "« depuis mars 2018 » devient 2018."),
        Operation("date", "Lire une date", "« 3 mars 2018 » devient 2018-03-03."),
        Operation("number", "Lire un nombre", "« 1 234,5 » devient 1234,5."),
        Operation("prefix", "Ajouter un texte devant", "Par exemple https:// ou le début du lien."),
        Operation("capitalize", "Majuscule au début", "« ATELIER VÉLO » devient « Atelier vélo »."),
        Operation("lower", "Mettre en minuscules", ""),
        Operation("strip_html", "Enlever les balises HTML", ""),
        Operation("clean_html", "Garder la mise en forme", "Paragraphes, listes et liens."),
        Operation(
            "url", "Réparer une adresse", "« www.exemple.fr » devient https://www.exemple.fr."
        ),
        Operation("place", "Reconnaître un lieu", "Fait d’office pour les champs de lieu."),
        Operation("regex", "Extraire par une expression régulière", "Pour qui les connaît."),
        Operation(REPLACE, "Remplacer par une expression régulière", "Pour qui les connaît."),
    )
}


def key_of(transform: Mapping[str, Any]) -> str:
    """Under which form an operation is shown; OPAQUE when none can hold all it says."""
    operation = str(transform.get("op", ""))
    if operation == "regex" and "replace" in transform:
        operation = REPLACE
    return operation if operation in OPERATIONS and _is_simple(transform) else OPAQUE


def fields_of(transform: Mapping[str, Any]) -> dict[str, Any]:
    """What its form is filled with."""
    key = key_of(transform)
    if key == OPAQUE:
        return {"json": json.dumps(transform, ensure_ascii=False)}
    return FILLED[key](transform) if key in FILLED else {}


def read(post: QueryDict, prefix: str) -> dict[str, Any] | None:
    """The operation that a form says; None when it says none."""
    key = post.get(f"{prefix}op", "")
    if key == OPAQUE:
        try:
            kept = json.loads(post.get(f"{prefix}json", ""))
        except ValueError:
            return None
        return kept if isinstance(kept, dict) else None
    if key not in OPERATIONS:
        return None
    operation = "regex" if key == REPLACE else key
    return {"op": operation, **(READ[key](post, prefix) if key in READ else {})}


def is_unfinished(transform: Mapping[str, Any]) -> bool:
    """Just added, and not yet saying anything: it does nothing until it is filled."""
    operation = transform.get("op")
    if operation == "map":
        return transform.get("values") == {} and "default" not in transform
    needed = {"drop": "values", "regex": "pattern", "prefix": "value", "default": "value"}
    return operation in needed and transform.get(needed[operation], None) in ("", [], None)


def separator_choices(chosen: list[str]) -> list[tuple[str, str, bool]]:
    """(value, label, is chosen): the rule's own first, in their order."""
    others = [s for s in SEPARATORS if s not in chosen]
    return [
        (LINE_END if s == "\n" else s, MARKS.get(s, quoted(s)), s in chosen)
        for s in [*chosen, *others]
    ]


def _is_simple(transform: Mapping[str, Any]) -> bool:
    """Whether a form holds all that the operation says, and gives it back as it was."""
    values = transform.get("values")
    texts = [v for k, v in transform.items() if k not in {"values", "separators"}]
    if not all(isinstance(v, str) for v in texts):
        return False
    if isinstance(values, dict):
        pairs = values.items()
        return all(k and isinstance(v, str) and v and "\n" not in k + v for k, v in pairs)
    listed = [*(values or []), *(transform.get("separators") or [])]
    return all(isinstance(v, str) and "\r" not in v for v in listed) and not any(
        "\n" in v for v in values or []
    )


def _fill_map(transform: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "pairs": list((transform.get("values") or {}).items()),
        "others": OTHER if "default" in transform else KEEP,
        "default": transform.get("default", ""),
    }


def _fill_join(transform: Mapping[str, Any]) -> dict[str, Any]:
    glue = str(transform.get("separator", " "))
    rank = GLUES.index(glue) if glue in GLUES else OTHER
    return {
        "glues": [(n, MARKS.get(g, quoted(g)), n == rank) for n, g in enumerate(GLUES)],
        "other": "" if glue in GLUES else glue,
        "is_other": glue not in GLUES,
    }


FILLED: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "split": lambda t: {"separators": separator_choices(list(t.get("separators") or []))},
    "join": _fill_join,
    "map": _fill_map,
    "drop": lambda t: {"lines": "\n".join(t.get("values") or [])},
    "default": lambda t: {"value": t.get("value", "")},
    "prefix": lambda t: {"value": t.get("value", "")},
    "url": lambda t: {"base": t.get("base", "")},
    "regex": lambda t: {"pattern": t.get("pattern", "")},
    REPLACE: lambda t: {"pattern": t.get("pattern", ""), "replace": t.get("replace", "")},
}


def _read_split(post: QueryDict, prefix: str) -> dict[str, Any]:
    said = ["\n" if s == LINE_END else s for s in post.getlist(f"{prefix}separateur")]
    if other := post.get(f"{prefix}autre", ""):
        said.append(other)
    said = [s for s in dict.fromkeys(said) if s]
    return {"separators": said} if said else {}


def _read_join(post: QueryDict, prefix: str) -> dict[str, Any]:
    chosen = post.get(f"{prefix}liant", "0")
    if chosen == OTHER:
        glue = post.get(f"{prefix}autre", "")
    else:
        glue = GLUES[int(chosen)] if chosen.isdigit() and int(chosen) < len(GLUES) else " "
    return {} if glue == " " else {"separator": glue}


def _read_map(post: QueryDict, prefix: str) -> dict[str, Any]:
    pairs = zip(post.getlist(f"{prefix}de"), post.getlist(f"{prefix}vers"), strict=False)
    found: dict[str, Any] = {
        "values": {a.strip(): b.strip() for a, b in pairs if a.strip() and b.strip()}
    }
    if post.get(f"{prefix}autres") == OTHER:
        found["default"] = post.get(f"{prefix}autres-valeur", "").strip()
    return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _text(name: str, under: str) -> Callable[[QueryDict, str], dict[str, Any]]:
    return lambda post, prefix: {under: post.get(f"{prefix}{name}", "")}


READ: dict[str, Callable[[QueryDict, str], dict[str, Any]]] = {
    "split": _read_split,
    "join": _read_join,
    "map": _read_map,
    "drop": lambda post, prefix: {"values": _lines(post.get(f"{prefix}lignes", ""))},
    "default": _text("valeur", "value"),
    "prefix": _text("valeur", "value"),
    "url": lambda post, p: {"base": base} if (base := post.get(f"{p}base", "").strip()) else {},
    "regex": _text("motif", "pattern"),
    REPLACE: lambda post, p: {
        "pattern": post.get(f"{p}motif", ""),
        "replace": post.get(f"{p}remplacement", ""),
    },
}
