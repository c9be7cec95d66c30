"""What a side tells of a replication on the page that its link opens."""

from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from essaimage import personal
from essaimage.form_fields import PartialDate, address, line, one_of, some_of, text
from essaimage.models import (
    Adaptation,
    PublicAction,
    PublicRole,
    Replication,
    ReplicationState,
    Verdict,
)
from essaimage.moving import Move
from essaimage.public_form import PublicForm


class AskForm(PublicForm):
    """By which one asks for a link to keep a replication up to date."""

    email = address(
        "Votre adresse électronique",
        "Celle à laquelle la reprise a été déclarée ou confirmée. Format attendu : nom@domaine.fr.",
    )


class VerdictForm(DsfrForm):
    note = text(
        "En quoi la contestez-vous ?",
        "À remplir si vous contestez. Ce motif sera public une fois relu : ni nom, ni numéro, ni "
        "adresse d’une personne.",
        unnamed=True,
    )
    verdict = forms.ChoiceField(choices=Verdict.choices, widget=forms.HiddenInput)

    def mark(self, field: forms.BoundField) -> str:
        """The help says when the reason is needed."""
        return ""


def reason(label: str) -> Any:
    return text(
        label,
        "Public une fois relu, avec le nom de votre structure : ni nom, ni numéro, ni adresse "
        "d’une personne.",
        required=True,
        rows=3,
        unnamed=True,
    )


class StateForm(DsfrForm):
    to = forms.ChoiceField(label="Le nouvel état", widget=forms.RadioSelect)
    date = PartialDate(
        "Depuis quand ?",
        help_text="Une année (2024), un mois (2024-05) ou un jour (2024-05-17) ; vide si vous ne "
        "le savez pas.",
    )
    reason = reason("Ce qui le montre, ou pourquoi elle s’arrête")
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)

    def __init__(self, *args: Any, replication: Replication, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"seen": replication.state})
        super().__init__(*args, prefix="etat", **kwargs)
        field: Any = self.fields["to"]
        # All of them: what does not follow is refused with the reason, not as an unknown choice.
        following = [(state.value, state.label) for state in replication.next_states]
        field.choices = ReplicationState.choices if self.is_bound else following

    def move(self) -> Move:
        data = self.cleaned_data
        return Move(data["to"], seen=data["seen"], reason=data["reason"], date=data["date"])


class ReasonForm(DsfrForm):
    """Why the side changed the state, said otherwise; ``step``: the key of what it explains."""

    reason = reason("Ce qui montre cet état, ou pourquoi elle s’arrête")
    step = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="motif", **kwargs)


class AccountForm(DsfrForm):
    """What became of the project there; each text is read by staff before it is shown."""

    adaptation = one_of("Degré d’adaptation", Adaptation.choices)
    kept = text("Ce qui est resté du cœur du concept", unnamed=True)
    changed = text("Ce qui a changé, et pourquoi", unnamed=True)
    changed_by = line("Qui a conduit ces changements", "Une structure ou une fonction.")
    workshop = line("Dans quel atelier ou quelle réunion de travail")
    results = text("Les résultats", "Ce qui est constaté, et comment on le sait.", unnamed=True)
    lessons = text(
        "Les enseignements", "Ce que vous feriez autrement, échecs compris.", unnamed=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="recit", **kwargs)

    def mark(self, field: forms.BoundField) -> str:
        """All may stay empty: the page says it once."""
        return ""


class ActorForm(DsfrForm):
    """A public actor of the replication; one already told of is changed by telling it again."""

    name = line("L’acteur public", "Une collectivité, un service, un opérateur.", required=True)
    roles = some_of("Ses rôles", PublicRole.choices)
    actions = some_of("Ce qu’il fait concrètement", PublicAction.choices)
    detail = text("En clair", rows=2, unnamed=True)
    is_structure = forms.BooleanField(
        label="C’est bien le nom d’une structure, et non celui d’une personne", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="acteur", **kwargs)
        if not personal.may_name_someone(str(self.data.get(self.add_prefix("name"), ""))):
            del self.fields["is_structure"]

    def mark(self, field: forms.BoundField) -> str:
        return super().mark(field) if field.name == "detail" else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "is_structure" in self.fields and not data.get("is_structure"):
            self.add_error("is_structure", "Ce nom ressemble à celui d’une personne.")
        if not data.get("roles") and not data.get("actions"):
            self.add_error("roles", "Dites au moins un rôle, ou une chose qu’il fait.")
        return data

    def actor(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {name: data[name] for name in ("name", "roles", "actions", "detail")}
