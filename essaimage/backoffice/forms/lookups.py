"""Fields where staff write the name of an innovation, an organisation or a place, without scripts.

What may mean several things is refused, with what to write instead.
"""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve

from carrefour.text import key
from innovations.models import Innovation, Organisation
from innovations.search_place import answer_code, answer_text, label, parameter
from territories.models import Territory

NEAR = 5
KINDS = {kind for kind, _ in Territory._meta.get_field("kind").choices or ()}


class PlaceField(forms.CharField):
    """« Lormes (58) », « Nièvre », or a code as addresses write it; gives a ``Territory``."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Territory):
            said = answer_text(label(value))
            # A name that means another place first is written by its code.
            return label(value) if said.territory == value else parameter(value)
        return value

    def clean(self, value: Any) -> Any:
        written = str(super().clean(value) or "").strip()
        if not written:
            return None
        kind, _, _code = written.partition("-")
        answer = answer_code(written) if kind in KINDS else answer_text(written)
        # Its own label names it, whatever else bears the name.
        if answer.territory and (not answer.others or answer.is_written(written)):
            return answer.territory
        others = [t for t in (answer.territory, *answer.others) if t]
        if not others:
            raise ValidationError(
                "Ce lieu n’est pas connu : écrivez « Lormes (58) » ou « Nièvre »."
            )
        codes = ", ".join(f"{parameter(t)} pour {label(t)}" for t in others[:NEAR])
        raise ValidationError(f"Plusieurs lieux portent ce nom : écrivez {codes}.")


class OrganisationField(forms.CharField):
    """The name of a known organisation; gives an ``Organisation``."""

    def prepare_value(self, value: Any) -> Any:
        return value.name if isinstance(value, Organisation) else value

    def clean(self, value: Any) -> Any:
        written = str(super().clean(value) or "").strip()
        return organisations([written])[0] if written else None


class OrganisationsField(forms.CharField):
    """Names of known organisations, one on each line; gives a list of ``Organisation``."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(o.name for o in value)
        return value

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in str(super().clean(value) or "").splitlines()]
        return organisations(list(dict.fromkeys(line for line in lines if line)))


class InnovationField(forms.CharField):
    """The address of a public record, the end of it, or its exact title; gives an
    ``Innovation``."""

    def prepare_value(self, value: Any) -> Any:
        return value.slug if isinstance(value, Innovation) else value

    def clean(self, value: Any) -> Any:
        written = str(super().clean(value) or "").strip()
        if not written:
            return None
        known = Innovation.objects.exclude(status="fusionnee").order_by("pk")
        found = known.filter(slug=_slug(written)).first()
        if found:
            return found
        named = list(known.filter(title_key=key(written)[:300])[: NEAR + 1])
        if len(named) == 1:
            return named[0]
        near = named or list(known.filter(title_key__startswith=key(written)[:300])[:NEAR])
        if not key(written) or not near:
            raise ValidationError("Aucune fiche n’a ce titre ni cette adresse.")
        choices = ", ".join(f"{i.slug} pour « {i.title} »" for i in near[:NEAR])
        raise ValidationError(f"Écrivez l’adresse de la fiche : {choices}.")


def organisations(names: list[str]) -> list[Organisation]:
    """The organisations of these names, in order. Raises ``ValidationError`` for the unknown."""
    wanted = {key(name)[:250]: name for name in names}
    known = {o.name_key: o for o in Organisation.objects.filter(name_key__in=wanted)}
    for name_key, name in wanted.items():
        if name_key not in known:
            raise ValidationError(f"Aucune organisation ne s’appelle « {name} ».{_near(name_key)}")
    return [known[name_key] for name_key in wanted]


def _near(name_key: str) -> str:
    if len(name_key) < 3:
        return ""
    near = Organisation.objects.filter(name_key__startswith=name_key).order_by("name_key")[:NEAR]
    said = ", ".join(f"« {o.name} »" for o in near)
    return f" Connues : {said}." if said else ""


def _slug(written: str) -> str:
    path = urlsplit(written).path if "/" in written else ""
    if not path:
        return written[:120]
    try:
        return str(resolve(path).kwargs.get("slug", ""))
    except Resolver404:
        return ""
