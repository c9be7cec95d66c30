"""The objects whose history the back-office shows: who may read it, where they are, and how staff
puts a former value back."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import pghistory
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse

from innovations import equivalents, searchrows, taxonomy_changes
from partners import editing, priorities, tasks, taxonomy_effects
from partners.consolidation import switching
from partners.suppression import take_turn

Restore = Callable[[Any, str, Any, Any], None]
PRIORITIES = ("priority", "field_priorities")


@dataclass(frozen=True)
class Tracked:
    """``model`` is « app.Model »: an app that this one may not import can be named too.

    ``owned``: the fields that staff owns, which ``restore(row, field, value, author)`` writes
    back, for who has ``may_change`` (the right to change such rows when not said); ``page`` gives
    the address of a row; ``title`` is the field that names it, ``says`` what its page calls it.
    ``note`` tells, on its history, what putting back does, or why there is none and where to go.
    """

    label: str
    model: str
    page: Callable[[Any], str] | None = None
    owned: tuple[str, ...] = ()
    restore: Restore | None = None
    may_change: str = ""
    title: str = ""
    says: Callable[[Any], str] = str
    note: str = ""

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


def _write(row: models.Model, field: str, value: Any, author: Any, *follows: str) -> None:
    """Checked as a form checks it; ``follows``: columns that the row computes from the field."""
    with transaction.atomic(), pghistory.context(user=author.pk, motif="Valeur rétablie"):
        setattr(row, field, value)
        row.full_clean()
        row.save(update_fields=[field, *follows])


def _reword(term: Any, field: str, value: Any, author: Any) -> None:
    change = taxonomy_changes.reword(term, author=author, **{field: value})
    taxonomy_effects.follow(change)


def _edit(edit: Any, field: str, value: Any, author: Any) -> None:
    try:
        editing.write(edit.innovation, {edit.field: value}, author=author, note="Valeur rétablie")
    except editing.CannotEdit as error:
        raise ValidationError(str(error)) from error


def _innovation(innovation: Any, field: str, value: Any, author: Any) -> None:
    if innovation.merged_into_id:
        raise ValidationError("Cette fiche est réunie à une autre : c’est l’autre qui se modifie.")
    try:
        editing.write(innovation, {field: value}, author=author, note="Valeur rétablie")
    except editing.CannotEdit as error:
        raise ValidationError(str(error)) from error


def _equivalent(group: Any, field: str, value: Any, author: Any) -> None:
    setattr(group, field, value)
    equivalents.write(group, author=author, motif="Valeur rétablie")


def _organisation(organisation: Any, field: str, value: Any, author: Any) -> None:
    with transaction.atomic():
        take_turn()
        _write(organisation, field, value, author, "name_key")
        searchrows.refresh(list(organisation.innovations.values_list("pk", flat=True)))


def _source(source: Any, field: str, value: Any, author: Any) -> None:
    """As its forms do: what its priorities change is composed again, its next reading moves."""
    with transaction.atomic():
        _write(source, field, value, author)
        if field in PRIORITIES:
            asked = priorities.set_priorities(
                source, source.priority, source.field_priorities, author=author
            )
            transaction.on_commit(lambda: tasks.recompose_source.delay(asked.pk))
        elif field == "frequency":
            source.schedule_next()
            source.save(update_fields=["next_run_at"])


def _switch(rule: Any, field: str, value: Any, author: Any) -> None:
    with pghistory.context(user=author.pk, motif="Valeur rétablie"):
        (switching.switch_on if value else switching.switch_off)(rule)


def _at(name: str, by: str = "pk") -> Callable[[Any], str]:
    return lambda row: reverse(f"backoffice:{name}", args=[getattr(row, by)])


def _reprise(by: str) -> Callable[[Any], str]:
    """The page of a replication, whose code is at this path from the row."""
    return lambda row: reverse("gestion_essaimage:replication", args=[attrgetter(by)(row)])


def _both(one: str, other: str) -> Callable[[Any], str]:
    return lambda row: f"« {getattr(row, one)} » et « {getattr(row, other)} »"


def _its_innovation(row: Any) -> str:
    return reverse("backoffice:innovation", args=[row.innovation_id])


TRACKED: dict[str, Tracked] = {
    "innovation": Tracked(
        "Innovation",
        "innovations.Innovation",
        _at("innovation"),
        (
            "title",
            "summary",
            "description",
            "website",
            "nature",
            "maturity",
            "reach",
            "started_year",
            "is_commun",
            "commun_governance",
            "commun_licence",
        ),
        _innovation,
        title="title",
        note="Une valeur rétablie est écrite au nom de l’équipe : elle l’emporte sur celles des "
        "partenaires. L’état d’une fiche se décide en relecture.",
    ),
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
        "Synonyme",
        "innovations.TermSynonym",
        _at("term", "term_id"),
        title="label",
        note="Les synonymes d’un terme s’écrivent ensemble, sur la page du terme.",
    ),
    "equivalence": Tracked(
        "Équivalence de recherche",
        "innovations.Equivalent",
        _at("equivalent"),
        ("expressions", "note", "is_active"),
        _equivalent,
        title="expressions",
    ),
    "organisation": Tracked(
        "Organisation",
        "innovations.Organisation",
        owned=("name", "legal_form", "roles", "kind", "description", "website"),
        restore=_organisation,
        title="name",
    ),
    "partenaire": Tracked(
        "Partenaire",
        "partners.Partner",
        _at("partner", "slug"),
        ("name", "description", "website", "contact_email", "kind", "licence"),
        _write,
        title="name",
    ),
    "etape": Tracked(
        "Étape d’un partenaire",
        "partners.PartnerMove",
        title="after",
        note="Une étape est un fait daté : elle ne se réécrit pas. La suivante s’enregistre sur la "
        "page du partenaire.",
    ),
    "source": Tracked(
        "Source",
        "partners.Source",
        _at("source", "slug"),
        (
            "name",
            "publishes_directly",
            "frequency",
            "expected_at_least",
            "expected_at_most",
            "mandatory",
            "withdraw_after_days",
            "largest_loss",
            "full_reading_days",
            *PRIORITIES,
        ),
        _source,
        title="name",
        note="L’adresse, la nature des fiches, la licence et l’accès se changent sur la page de la "
        "source ; la correspondance y a ses versions, qui se rétablissent.",
    ),
    "fiche": Tracked(
        "Fiche reçue",
        "partners.SourceRecord",
        _at("record"),
        title="external_id",
        note="C’est ce que le partenaire donne : la lecture suivante l’écrirait de nouveau. Ce que "
        "lit le public se corrige sur la fiche publique.",
    ),
    "mot": Tracked(
        "Mot de partenaire",
        "partners.VocabularyEntry",
        owned=("note",),
        restore=_write,
        title="value",
        note="Les termes d’un mot se décident sur la page « Vocabulaire », qui recompose les "
        "fiches.",
    ),
    "rapprochement": Tracked(
        "Rapprochement",
        "partners.Pair",
        _at("pair"),
        says=_both("first", "second"),
        note="Une décision déplace des fiches : elle se rouvre sur la page du rapprochement.",
    ),
    "reseau": Tracked(
        "Décision sur un réseau",
        "partners.NetworkDecision",
        title="network",
        note="Une décision sur un réseau se défait d’un bloc, sur la page du réseau.",
    ),
    "regroupement": Tracked(
        "Réunion ou séparation",
        "partners.Regrouping",
        says=_both("origin", "target"),
        note="Une réunion ou une séparation se défait d’un bloc, sur la page de la fiche publique.",
    ),
    "import": Tracked(
        "Import",
        "partners.Import",
        _at("import"),
        title="name",
        note="Un import s’annule d’un bloc, sur sa page.",
    ),
    "regle": Tracked(
        "Règle de rapprochement",
        "partners.LinkageRule",
        _at("linkage_rule", "code"),
        ("is_active",),
        _switch,
        may_change="partners.decide_pair",
        title="label",
        note="Éteinte, une règle ne lie plus rien ; rallumée, elle fait tout comparer de nouveau.",
    ),
    "replication": Tracked(
        "Reprise",
        "essaimage.Replication",
        _reprise("code"),
        (
            "repreneur_name",
            "sector",
            "service",
            "network",
            "approach",
            "forms",
            "strategies",
            "dynamics",
            "extent",
            "take_up",
            "summary",
            "adaptation",
            "kept",
            "changed",
            "changed_by",
            "workshop",
            "results",
            "lessons",
        ),
        _write,
        title="code",
        note="Son état suit le journal de ses étapes, où les lignes s’ajoutent sans se réécrire ; "
        "sa publication se décide en relecture.",
    ),
    "cote-reprise": Tracked(
        "Côté d’une reprise",
        "essaimage.Party",
        _reprise("replication.code"),
        title="organisation",
        note="Ce qu’un côté dit de la reprise est sa parole : elle ne se réécrit pas.",
    ),
    "acteur-public": Tracked(
        "Acteur public d’une reprise",
        "essaimage.PublicActor",
        _reprise("replication.code"),
        ("name", "roles", "actions", "detail"),
        _write,
        may_change="essaimage.change_replication",
        title="name",
    ),
    "etape-reprise": Tracked(
        "Étape d’une reprise",
        "essaimage.ReplicationStep",
        _reprise("replication.code"),
        title="state",
        note="Une étape ne se réécrit pas : la dernière s’annule, sur la page de la reprise.",
    ),
    "trois-faits": Tracked(
        "Résultats en trois faits",
        "essaimage.Facts",
        lambda row: reverse("gestion_essaimage:facts_one", args=[row.pk]),
        title="effect",
        note="Ce que l’équipe a écrit se corrige sur la page des résultats ; la parole d’un côté "
        "ne se réécrit pas.",
    ),
    "site-moissonne": Tracked(
        "Site moissonné",
        "essaimage.HarvestedSite",
        title="choice",
        note="Ce qu’un site est se décide, et s’annule, sur la page des sites de son innovation.",
    ),
    "obstacle": Tracked(
        "Obstacle",
        "essaimage.Obstacle",
        page=lambda row: reverse("gestion_essaimage:obstacle", args=[row.pk]),
        owned=(
            "title",
            "description",
            "authority",
            "interpreter",
            "legal_basis",
            "origin",
            "stage",
            "relief",
        ),
        restore=_write,
        title="title",
        note="Son état et sa publication se changent sur sa page, où chaque pas est journalisé.",
    ),
    "interpretation": Tracked(
        "Interprétation d’un obstacle",
        "essaimage.Interpretation",
        page=lambda row: reverse("gestion_essaimage:interpretation", args=[row.pk]),
        owned=("authority", "text", "allows", "source"),
        restore=_write,
        may_change="essaimage.change_obstacle",
        title="authority",
    ),
    "experimentation": Tracked(
        "Expérimentation",
        "essaimage.Experiment",
        page=lambda row: reverse("gestion_essaimage:experiment", args=[row.pk]),
        owned=("title", "object", "ground", "rules", "starts_on", "ends_on", "bilan"),
        restore=_write,
        title="title",
    ),
}


def put_back(tracked: Tracked, row: Any, event_id: int, field: str, author: Any) -> None:
    """Write the value that ``field`` had at that event. Raises ``ValidationError`` (in French)."""
    if tracked.restore is None or field not in tracked.owned:
        raise ValidationError("Cette valeur ne se rétablit pas d’ici.")
    event = row.events.filter(pgh_id=event_id).first()
    if event is None:
        raise ValidationError("Cette valeur n’est plus dans l’historique.")
    tracked.restore(row, field, getattr(event, field), author)
