"""A mapping's rules: checked when they are written, applied as data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from partners.mapping.emptiness import is_empty, is_no_identifier
from partners.mapping.expressions import SECONDS, UNREADABLE, expression
from partners.mapping.paths import compiled, value_at
from partners.mapping.targets import TARGETS
from partners.mapping.transforms import ARGUMENTS, OPERATIONS


class MappingError(ValueError):
    """A mapping that cannot be used; ``messages`` are French sentences, one per fault."""

    def __init__(self, messages: Sequence[str]) -> None:
        self.messages = list(messages)
        super().__init__(" ".join(messages))


@dataclass(frozen=True)
class Rule:
    """One rule: where to read, what to do, which target to fill."""

    target: str
    paths: tuple[str, ...]
    transforms: tuple[dict[str, Any], ...] = ()
    default: Any = None
    confidence: float = 1.0
    is_list: bool = field(init=False, compare=False)
    gathers: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        is_list = TARGETS[self.target].is_list
        joins = any(t["op"] == "join" for t in self.transforms)
        object.__setattr__(self, "is_list", is_list)
        object.__setattr__(self, "gathers", is_list or joins)

    def read(self, data: dict[str, Any]) -> Any:
        """The value for the target, after its operations; None when the row says nothing.

        Several paths: all of them for a list or before a ``join``, else the first that says
        something. Raises ``TooSlow``.
        """
        nothing = is_no_identifier if self.target == "external_id" else is_empty
        value = self._gathered(data, nothing) if self.gathers else self._first(data, nothing)
        if not self.transforms:
            return self.default if value is None or value == [] else value
        for transform in self.transforms:
            value = OPERATIONS[transform["op"]](value, transform)
        return self.default if nothing(value) else value

    def _first(self, data: dict[str, Any], nothing: Callable[[Any], bool]) -> Any:
        for path in self.paths:
            if not nothing(value := value_at(data, path)):
                return value
        return None

    def _gathered(self, data: dict[str, Any], nothing: Callable[[Any], bool]) -> list[Any]:
        found = [v for p in self.paths if not nothing(v := value_at(data, p))]
        flat = [i for v in found for i in (v if isinstance(v, list) else [v])]
        return [v for v in flat if not is_empty(v)]


def parse(mapping: Any) -> list[Rule]:
    """The rules of a ``Source.mapping``. Raises ``MappingError`` telling every fault."""
    if not isinstance(mapping, list):
        raise MappingError(["La correspondance est une liste de règles."])
    faults = [f"Règle {n} : {f}" for n, r in enumerate(mapping, start=1) for f in _faults(r)]
    if faults:
        raise MappingError(faults)
    return [
        Rule(
            target=r["target"],
            paths=tuple(r.get("paths") or ([r["path"]] if r.get("path") else [])),
            transforms=tuple(r.get("transforms") or ()),
            default=r.get("default"),
            confidence=float(r.get("confidence", 1.0)),
        )
        for r in mapping
    ]


def _faults(rule: Any) -> list[str]:
    if not isinstance(rule, dict):
        return ["une règle est un objet {target, path, transforms}."]
    found = []
    target = rule.get("target")
    if not isinstance(target, str) or target not in TARGETS:
        found.append(f"champ « {target} » inconnu.")
    unknown = set(rule) - {"target", "path", "paths", "transforms", "default", "confidence"}
    if unknown:
        found.append(f"clé inconnue : {', '.join(sorted(map(str, unknown)))}.")
    found += _path_faults(rule)
    if not _is_share(rule.get("confidence", 1.0)):
        found.append("« confidence » est un nombre entre 0 et 1.")
    transforms = rule.get("transforms") or []
    if not isinstance(transforms, list):
        return [*found, "« transforms » est une liste d’opérations."]
    return found + [f for t in transforms for f in _transform_faults(t)]


def _path_faults(rule: dict[str, Any]) -> list[str]:
    paths = rule.get("paths") or ([rule["path"]] if rule.get("path") else [])
    if not isinstance(paths, list) or not all(isinstance(p, str) and p for p in paths):
        return ["« path » est un nom de colonne ou un chemin, « paths » une liste."]
    if not paths and "default" not in rule:
        return ["il faut « path », « paths » ou « default »."]
    # A column may be called anything; brackets left open are those of a path.
    return [
        f"chemin illisible : « {path} »."
        for path in paths
        if (path.count("["), path.count("{")) != (path.count("]"), path.count("}"))
        and compiled(path) is None
    ]


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _transform_faults(transform: Any) -> list[str]:
    operation = transform.get("op") if isinstance(transform, dict) else transform
    if not isinstance(transform, dict) or not isinstance(operation, str):
        return [f"opération « {operation} » inconnue."]
    if operation not in OPERATIONS:
        return [f"opération « {operation} » inconnue."]
    unknown = set(transform) - {"op"} - ARGUMENTS.get(operation, set())
    if unknown:
        return [f"« {operation} » n’accepte pas : {', '.join(sorted(map(str, unknown)))}."]
    if operation == "regex":
        return _expression_faults(transform)
    return _argument_faults(operation, transform)


def _argument_faults(operation: str, transform: dict[str, Any]) -> list[str]:
    if operation == "map" and not isinstance(transform.get("values"), dict):
        return ["« map » attend « values », un objet."]
    if operation == "drop" and not _are_texts(transform.get("values")):
        return ["« drop » attend « values », une liste de textes."]
    if operation == "split" and not _are_texts(transform.get("separators", [";"])):
        return ["« split » attend « separators », une liste de textes non vides."]
    for name in ("separator", "base"):
        if not isinstance(transform.get(name, ""), str):
            return [f"« {operation} » attend un texte pour « {name} »."]
    return []


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) and v for v in value)


def _expression_faults(transform: dict[str, Any]) -> list[str]:
    pattern, replacement = transform.get("pattern", ""), transform.get("replace", "")
    if not isinstance(pattern, str) or not isinstance(replacement, str):
        return ["« regex » attend des textes pour « pattern » et « replace »."]
    try:
        expression(pattern)
        # The added empty branch always matches: the replacement can be tried without any text.
        found = expression(f"{pattern}\n|").compiled.match("", timeout=SECONDS)
    except (*UNREADABLE, TimeoutError):
        return ["expression régulière illisible."]
    try:
        if found is not None:
            found.expand(replacement)
    except (*UNREADABLE, IndexError):
        return [f"remplacement illisible : « {replacement} »."]
    return []
