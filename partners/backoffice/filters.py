"""Filters of the lists of harvests and of the health page; what is unknown is as if not asked."""

import datetime
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from carrefour.forms import DsfrForm
from innovations.models import Citation, Completeness, Link, LinkState
from partners import link_lists
from partners.access import visible_partners, visible_sources
from partners.health import Cause, Health
from partners.models import Flag, FlagFamily, FlagState, Partner, Run, RunState
from partners.querysets import SourceQuerySet
from partners.screening import LABELS

PERIODS = {
    "jour": ("24 dernières heures", datetime.timedelta(days=1)),
    "semaine": ("7 derniers jours", datetime.timedelta(days=7)),
    "mois": ("30 derniers jours", datetime.timedelta(days=30)),
}
ANY = "a-regarder"


class ListFilter(DsfrForm):
    """Reads a query string; ``chosen`` gives "" for what is absent or unknown."""

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)
        self._user = user
        self._fill()

    def _fill(self) -> None:
        """Give the lists their choices, among what the user may see."""

    def chosen(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")

    def _offer(self, name: str, nothing: str, choices: Any) -> None:
        field: Any = self.fields[name]
        field.choices = [("", nothing), *choices]


class RunFilter(ListFilter):
    etat = forms.ChoiceField(label="État", required=False)
    partenaire = forms.ChoiceField(label="Partenaire", required=False)
    source = forms.ChoiceField(label="Source", required=False)
    periode = forms.ChoiceField(label="Période", required=False)

    def _fill(self) -> None:
        self._offer("etat", "Tous les états", RunState.choices)
        partners = visible_partners(self._user).values_list("slug", "name")
        self._offer("partenaire", "Tous les partenaires", partners)
        sources = visible_sources(self._user).select_related("partner")
        named = [(s.slug, f"{s.partner.name} – {s.name}") for s in sources]
        self._offer("source", "Toutes les sources", named)
        periods = [(value, label) for value, (label, _) in PERIODS.items()]
        self._offer("periode", "Depuis toujours", periods)

    def apply(self, runs: QuerySet[Run]) -> QuerySet[Run]:
        if state := self.chosen("etat"):
            runs = runs.filter(state=state)
        if partner := self.chosen("partenaire"):
            runs = runs.filter(source__partner__slug=partner)
        if source := self.chosen("source"):
            runs = runs.filter(source__slug=source)
        if period := self.chosen("periode"):
            runs = runs.filter(created_at__gte=timezone.now() - PERIODS[period][1])
        return runs


class HealthFilter(ListFilter):
    besoin = forms.ChoiceField(label="Ce qui est à faire", required=False)
    partenaire = forms.ChoiceField(label="Partenaire", required=False)

    def _fill(self) -> None:
        waiting = (ANY, "Tout ce qui attend quelqu’un")
        self._offer("besoin", "Toutes les sources", [waiting, *Cause.choices])
        partners = visible_partners(self._user).values_list("slug", "name")
        self._offer("partenaire", "Tous les partenaires", partners)

    def sources(self, sources: SourceQuerySet) -> SourceQuerySet:
        partner = self.chosen("partenaire")
        return sources.filter(partner__slug=partner) if partner else sources

    def apply(self, healths: list[Health]) -> list[Health]:
        need = self.chosen("besoin")
        if need == ANY:
            return [h for h in healths if h.troubles]
        return [h for h in healths if any(t.cause == need for t in h.troubles)] if need else healths


class QualityFilter(ListFilter):
    partenaire = forms.ChoiceField(label="Partenaire", required=False)
    tri = forms.ChoiceField(label="Ordre", required=False)

    def _fill(self) -> None:
        partners = visible_partners(self._user).values_list("slug", "name")
        self._offer("partenaire", "Tous les partenaires", partners)
        self._offer("tri", "Les moins complètes d’abord", [("plus", "Les plus complètes d’abord")])

    def apply(self, found: QuerySet[Completeness]) -> QuerySet[Completeness]:
        if partner := self.chosen("partenaire"):
            cited = Citation.objects.filter(innovation=OuterRef("pk"), partner_slug=partner)
            found = found.filter(Exists(cited))
        sign = "-" if self.chosen("tri") else ""
        return found.order_by(f"{sign}score", f"{sign}innovation")


class FlagFilter(ListFilter):
    famille = forms.ChoiceField(label="Signalement", required=False)
    etat = forms.ChoiceField(label="État", required=False)
    partenaire = forms.ChoiceField(label="Partenaire", required=False)

    def _fill(self) -> None:
        kinds = [(kind, label) for kind, label in LABELS.items()]
        self._offer("famille", "Données personnelles", [("texte", "Qualité des textes"), *kinds])
        states = [c for c in FlagState.choices if c[0] != FlagState.OPEN]
        self._offer("etat", "À décider", states)
        partners = visible_partners(self._user).values_list("slug", "name")
        self._offer("partenaire", "Tous les partenaires", partners)

    def apply(self, flags: QuerySet[Flag]) -> QuerySet[Flag]:
        family = self.chosen("famille")
        if family in LABELS:
            flags = flags.filter(kind=family)
        else:
            flags = flags.filter(family=family or FlagFamily.PERSONAL)
        if partner := self.chosen("partenaire"):
            flags = flags.filter(record__source__partner__slug=partner)
        return flags.filter(state=self.chosen("etat") or FlagState.OPEN)


class LinkFilter(ListFilter):
    etat = forms.ChoiceField(label="État", required=False)
    partenaire = forms.ChoiceField(label="Partenaire", required=False)

    def _fill(self) -> None:
        self._offer("etat", "Ceux qui ont besoin de quelqu’un", LinkState.choices)
        partners = visible_partners(self._user).values_list("slug", "name")
        self._offer("partenaire", "Tous les partenaires", partners)

    def apply(self, links: QuerySet[Link]) -> QuerySet[Link]:
        if slug := self.chosen("partenaire"):
            links = link_lists.of_partner(Partner.objects.get(slug=slug)) & links
        state = self.chosen("etat")
        links = links.filter(state=state) if state else links.filter(state__in=link_lists.TROUBLED)
        return links.order_by("failing_since", "pk")
