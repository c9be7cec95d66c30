"""Kinds of filters that the resources share: a value that does not exist is refused."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from innovations.search_facets import BY_NAME
from innovations.search_place import answer_code
from territories.models import Territory

AnyFilter = TypeVar("AnyFilter", bound=filters.Filter)

MOST_PLACES = 20
UNKNOWN = {"invalid_choice": "Valeur inconnue : « %(value)s »."}


def told(parameter: AnyFilter, **schema: Any) -> AnyFilter:
    """The filter, described in the schema by its ``help_text`` and these JSON Schema keywords."""
    described = {"type": "string", **schema, "description": parameter.extra["help_text"]}
    return extend_schema_field(described)(parameter)


def choices(choices: Any, help_text: str, facet: str = "", **options: Any) -> filters.Filter:
    """Any of the values of a ``TextChoices``; the parameter may be repeated."""
    kind = ChoiceFacetFilter if facet else filters.MultipleChoiceFilter
    options |= {"facet": facet} if facet else {"distinct": False}
    parameter = kind(
        choices=choices.choices, help_text=help_text, error_messages=UNKNOWN, **options
    )
    labels = "\n".join(f"* `{value}` - {label}" for value, label in choices.choices)
    parameter.extra["help_text"] = f"{help_text} Plusieurs valeurs possibles.\n\n{labels}"
    return told(parameter, enum=list(choices.values))


def objects(queryset: Any, key: str, help_text: str, **options: Any) -> filters.Filter:
    """Any of the objects named by ``key``; the parameter may be repeated."""
    kind = ObjectFacetFilter if "facet" in options else filters.ModelMultipleChoiceFilter
    parameter = kind(
        queryset=queryset,
        to_field_name=key,
        help_text=f"{help_text} Plusieurs valeurs possibles.",
        error_messages=UNKNOWN,
        **options,
    )
    return told(parameter)


def yes_or_no(help_text: str, **options: Any) -> filters.Filter:
    """« true » or « false »: anything else is refused (BooleanFilter would ignore it)."""
    parameter = filters.TypedChoiceFilter(
        choices=[("true", "oui"), ("false", "non")],
        coerce=lambda value: value == "true",
        help_text=help_text,
        error_messages={"invalid_choice": "Attendu : true ou false."},
        **options,
    )
    return told(parameter, type="boolean")


class FacetMixin:
    """Filters search rows by the very condition of the search page's facet."""

    def __init__(self, *args: Any, facet: str, **kwargs: Any) -> None:
        self.facet = BY_NAME[facet]
        super().__init__(*args, **kwargs)

    def filter(self, rows: QuerySet, values: Sequence[Any]) -> QuerySet:
        return rows.filter(self.facet.condition(self.keys(values))) if values else rows

    def keys(self, values: Sequence[Any]) -> list[Any]:
        return list(values)


class ChoiceFacetFilter(FacetMixin, filters.MultipleChoiceFilter):
    pass


class ObjectFacetFilter(FacetMixin, filters.ModelMultipleChoiceFilter):
    """Term ids, or slugs of partners."""

    def keys(self, values: Sequence[Any]) -> list[Any]:
        if self.facet.vocabulary:
            return [term.merged_into_id or term.pk for term in values]
        return [each.slug for each in values]


class TerritoriesField(forms.Field):
    """« kind-code » values → the territories that stand today at these codes."""

    widget = forms.SelectMultiple

    def to_python(self, value: Sequence[str] | None) -> list[Territory]:
        asked = [text for text in value or () if text]
        if len(asked) > MOST_PLACES:
            raise forms.ValidationError(f"Au plus {MOST_PLACES} territoires.", code="too_many")
        answers = [answer_code(text) for text in asked]
        errors = [
            forms.ValidationError(
                "Territoire inconnu : « %(value)s ». Attendu : niveau et code, par exemple "
                "departement-22.",
                code="invalid_choice",
                params={"value": answer.written},
            )
            for answer in answers
            if answer.territory is None
        ]
        if errors:
            raise forms.ValidationError(errors)
        return [answer.territory for answer in answers if answer.territory]


class TerritoriesFilter(filters.Filter):
    """Rows whose ``field_name`` (ids of enclosing territories) holds one of the territories."""

    field_class = TerritoriesField

    def filter(self, rows: QuerySet, value: Sequence[Territory]) -> QuerySet:
        if not value:
            return rows
        return rows.filter(**{f"{self.field_name}__overlap": [each.pk for each in value]})


class WholeNumberFilter(filters.Filter):
    field_class = forms.IntegerField
