"""The objects whose history the back-office shows: who may read it, where they are, and how staff
puts a former value back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pghistory
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse

from innovations import taxonomy_changes
from partners import editing, taxonomy_effects

Restore = Callable[[Any, str, Any, Any], None]


@dataclass(frozen=True)
class Tracked:
    """``model`` is « app.Model »: an app that this one may not import can be named too.

    ``owned``: the fields that staff owns, which ``restore(row, field, value, author)`` writes
    back, for who has ``may_change`` (the right to change such rows when not said); ``page`` gives
    the address of a row; ``title`` is the field that names it, ``says`` what its page calls it.
    """

    label: str
    model: str
    page: Callable[[Any], str] | None = None
    owned: tuple[str, ...] = ()
    restore: Restore | None = None
    may_change: str = ""
    title: str = ""
    says: Callable[[Any], str] = str

    @property
    def model_class(self) -> type[models.Model]:
        return apps.get_model(self.model)

    @property
    def events(self) -> type[models.Model]:
        related: Any = self.model_class
        return related.events.rel.related_model

    def permission(self, verb: str) -> str:
        if verb == "change" and self.may_change:
            return self.may_change
        app, name = self.model.lower().split(".")
        return f"{app}.{verb}_{name}"


def _write(row: models.Model, field: str, value: Any, author: Any) -> None:
    """Checked as a form checks it."""
    with transaction.atomic(), pghistory.context(user=author.pk, motif="Valeur rétablie"):
        setattr(row, field, value)
        row.full_clean()
        row.save(update_fields=[field])


def _reword(term: Any, field: str, value: Any, author: Any) -> None:
    change = taxonomy_changes.reword(term, author=author, **{field: value})
    taxonomy_effects.follow(change)


def _edit(edit: Any, field: str, value: Any, author: Any) -> None:
    try:
        editing.write(edit.innovation, {edit.field: value}, author=author, note="Valeur rétablie")
    except editing.CannotEdit as error:
        raise ValidationError(str(error)) from error


def _at(name: str, by: str = "pk") -> Callable[[Any], str]:
    return lambda row: reverse(f"backoffice:{name}", args=[getattr(row, by)])


def _both(one: str, other: str) -> Callable[[Any], str]:
    return lambda row: f"« {getattr(row, one)} » et « {getattr(row, other)} »"


def _its_innovation(row: Any) -> str:
    return reverse("backoffice:innovation", args=[row.innovation_id])


TRACKED: dict[str, Tracked] = {
    "innovation": Tracked("Innovation", "innovations.Innovation", _at("innovation"), title="title"),
    "modification": Tracked(
        "Modification de l’équipe",
        "innovations.FieldEdit",
        _its_innovation,
        ("value",),
        _edit,
        may_change="innovations.change_innovation",
        title="field",
    ),
    "terme": Tracked(
        "Terme", "innovations.Term", _at("term"), ("label", "description"), _reword, title="label"
    ),
    "synonyme": Tracked(
        "Synonyme", "innovations.TermSynonym", _at("term", "term_id"), title="label"
    ),
    "organisation": Tracked("Organisation", "innovations.Organisation", title="name"),
    "partenaire": Tracked(
        "Partenaire",
        "partners.Partner",
        _at("partner", "slug"),
        ("name", "description", "website", "contact_email", "kind", "licence"),
        _write,
        title="name",
    ),
    "etape": Tracked("Étape d’un partenaire", "partners.PartnerMove", title="after"),
    "source": Tracked(
        "Source",
        "partners.Source",
        _at("source", "slug"),
        ("name", "withdraw_after_days", "largest_loss", "priority", "field_priorities"),
        _write,
        title="name",
    ),
    "fiche": Tracked("Fiche reçue", "partners.SourceRecord", _at("record"), title="external_id"),
    "mot": Tracked("Mot de partenaire", "partners.VocabularyEntry", title="value"),
    "rapprochement": Tracked(
        "Rapprochement", "partners.Pair", _at("pair"), says=_both("first", "second")
    ),
    "reseau": Tracked("Décision sur un réseau", "partners.NetworkDecision", title="network"),
    "regroupement": Tracked(
        "Réunion ou séparation", "partners.Regrouping", says=_both("origin", "target")
    ),
    "import": Tracked("Import", "partners.Import", _at("import"), title="name"),
    "regle": Tracked(
        "Règle de rapprochement", "partners.LinkageRule", _at("linkage_rule", "code"), title="label"
    ),
    "replication": Tracked("Réplication", "essaimage.Replication", title="code"),
}


def put_back(tracked: Tracked, row: Any, event_id: int, field: str, author: Any) -> None:
    """Write the value that ``field`` had at that event. Raises ``ValidationError`` (in French)."""
    if tracked.restore is None or field not in tracked.owned:
        raise ValidationError("Cette valeur ne se rétablit pas d’ici.")
    event = row.events.filter(pgh_id=event_id).first()
    if event is None:
        raise ValidationError("Cette valeur n’est plus dans l’historique.")
    tracked.restore(row, field, getattr(event, field), author)
