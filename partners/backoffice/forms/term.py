"""A term of the taxonomy: its words; and where it may go."""

from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from innovations.models import Term, Vocabulary


class TermForm(DsfrForm):
    label = forms.CharField(label="Libellé", max_length=120, help_text="Ce que le public lit.")
    description = forms.CharField(
        label="Description",
        required=False,
        help_text="Ce que le terme recouvre, et ce qu’il ne recouvre pas.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    synonyms = forms.CharField(
        label="Synonymes",
        required=False,
        help_text="Un par ligne : un mot de partenaire qui en est un est reconnu de lui-même.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def clean_synonyms(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["synonyms"].splitlines()]
        if too_long := next((line for line in lines if len(line) > 160), ""):
            raise forms.ValidationError(f"Ce synonyme dépasse 160 caractères : {too_long[:40]}…")
        return [line for line in lines if line]

    @classmethod
    def initial_of(cls, term: Term) -> dict[str, str]:
        said = "\n".join(s.label for s in term.synonyms.all())
        return {"label": term.label, "description": term.description, "synonyms": said}


class NewTermForm(TermForm):
    vocabulary = forms.ChoiceField(label="Vocabulaire", choices=Vocabulary.choices)
    parent = forms.ModelChoiceField(
        label="Domaine",
        queryset=Term.objects.none(),
        required=False,
        empty_label="Aucun : c’est un domaine, un public ou une méthode",
    )
    field_order = ["vocabulary", "parent", "label"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent: Any = self.fields["parent"]
        parent.queryset = domaines()

    def term(self) -> Term:
        """The term asked for, not saved."""
        names = ("vocabulary", "parent", "label", "description")
        return Term(**{name: self.cleaned_data[name] for name in names})


def domaines() -> Any:
    return Term.objects.active().of(Vocabulary.THEME).filter(parent=None)


class TargetForm(DsfrForm):
    """Which term another is merged into."""

    cible = forms.ModelChoiceField(
        label="Fusionner ce terme dans",
        queryset=Term.objects.none(),
        empty_label="Choisissez un terme",
    )

    def __init__(self, term: Term, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cible: Any = self.fields["cible"]
        others = Term.objects.active().of(term.vocabulary).exclude(pk=term.pk)
        cible.queryset = others.order_by("label", "pk")


class ParentForm(DsfrForm):
    """Under which domaine a term goes."""

    parent = forms.ModelChoiceField(
        label="Ranger ce terme sous",
        queryset=Term.objects.none(),
        required=False,
        empty_label="Aucun : en faire un domaine",
    )

    def __init__(self, term: Term, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent: Any = self.fields["parent"]
        parent.queryset = domaines().exclude(pk=term.pk)
        parent.initial = term.parent_id
