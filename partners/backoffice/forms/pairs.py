"""What of the pairs' queue is shown, and what is decided of one."""

from typing import Any

from django import forms
from django.utils.http import urlencode

from partners.backoffice.filters import ListFilter
from partners.consolidation.queue import ESTRANGED, Asked
from partners.models import PairState, Source, Verdict

# Fields that a comparison may tell of, and that people look for.
FIELDS = {
    "title": "titre",
    "name": "mots qui le distinguent",
    "porteur": "structure porteuse",
    "place": "lieu",
    "website": "site web",
    "year": "année",
    "text": "texte",
}
CHOICES = {
    "meme": (Verdict.SAME, ""),
    "site-premiere": (Verdict.SITE, "first"),
    "site-seconde": (Verdict.SITE, "second"),
    "distinctes": (Verdict.DISTINCT, ""),
    "incertain": (Verdict.UNCERTAIN, ""),
}
LATER = "plus-tard"


class PairFilter(ListFilter):
    etat = forms.ChoiceField(label="État", required=False)
    partenaire = forms.ChoiceField(label="Partenaire", required=False)
    source = forms.ChoiceField(label="Source", required=False)
    proposition = forms.ChoiceField(label="Proposition", required=False)
    desaccord = forms.ChoiceField(label="En désaccord sur", required=False)

    def _fill(self) -> None:
        sources = Source.objects.select_related("partner").order_by("partner__name", "name")
        told = list(sources.values_list("slug", "name", "partner__slug", "partner__name"))
        partners = {slug: name for _, _, slug, name in told}
        self._offer("partenaire", "Tous les partenaires", partners.items())
        self._offer("source", "Toutes les sources", [(s, f"{p} – {n}") for s, n, _, p in told])
        self._offer("proposition", "Toutes", Verdict.choices)
        self._offer("desaccord", "Tous les champs", FIELDS.items())
        states = [c for c in PairState.choices if c[0] != PairState.WAITING]
        self._offer("etat", "À décider", [*states, (ESTRANGED, "Liées, ne se ressemblent plus")])

    @property
    def asked(self) -> Asked:
        return asked_of(self.data)


def asked_of(given: Any) -> Asked:
    """What a query string asks of the queue; anything unknown is as if not asked."""
    state = given.get("etat", "")
    proposed = given.get("proposition", "")
    unlike = given.get("desaccord", "")
    return Asked(
        state=state if state in {*PairState.values, ESTRANGED} else PairState.WAITING,
        source=given.get("source", "")[:120],
        partner=given.get("partenaire", "")[:120],
        proposed=proposed if proposed in Verdict.values else "",
        unlike=unlike if unlike in FIELDS else "",
    )


def kept_query(given: Any) -> str:
    """The filters of the queue, to go on with them from one pair to the next."""
    names = ("etat", "partenaire", "source", "proposition", "desaccord")
    return urlencode({name: given[name] for name in names if given.get(name)})


class PairDecisionForm(forms.Form):
    """``vu``: the mark of the pair that was judged."""

    verdict = forms.ChoiceField(choices=[(name, name) for name in (*CHOICES, LATER)])
    motif = forms.CharField(required=False, max_length=500)
    vu = forms.CharField(required=False, max_length=120)
