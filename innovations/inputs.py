"""Form fields of a record's fields: how each is asked, filled and read back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from carrefour.html import safe_html
from innovations import fields
from innovations.fields import EditableField
from innovations.models import LegalForm, Resource, Term, Vocabulary

YES_NO = {True: "oui", False: "non"}
LONGEST = 20_000
ROWS = {"summary": 4, "description": 8}
Choices = Sequence[tuple[str, str]]


class Input:
    """One form field, whose cleaned value is the record's; the other kinds say otherwise."""

    def __init__(self, field: EditableField) -> None:
        self.field = field
        self.stem = field.name.replace(".", "-")

    @property
    def names(self) -> list[str]:
        return [self.stem]

    def fields(self, terms: Mapping[str, Choices]) -> list[forms.Field]:
        return [forms.CharField(max_length=self.field.longest, **self.said)]

    def initial(self, value: Any) -> list[Any]:
        return [value]

    def value(self, cleaned: Sequence[Any]) -> Any:
        """What was typed, as an edit of the record says it."""
        return "\n".join(str(cleaned[0] or "").splitlines()).strip()

    @property
    def said(self) -> dict[str, Any]:
        label = self.field.label[:1].upper() + self.field.label[1:]
        return {
            "label": label,
            "help_text": self.field.help,
            "required": self.field.is_required,
        }


class TextInput(Input):
    def fields(self, terms: Mapping[str, Choices]) -> list[forms.Field]:
        rows = forms.Textarea(attrs={"rows": ROWS.get(self.field.name, 3)})
        return [forms.CharField(max_length=LONGEST, widget=rows, **self.said)]


class HtmlInput(TextInput):
    def initial(self, value: Any) -> list[Any]:
        return [plain(str(value or ""))]

    def value(self, cleaned: Sequence[Any]) -> Any:
        return str(safe_html(str(cleaned[0] or "")))


class YearInput(Input):
    def fields(self, terms: Mapping[str, Choices]) -> list[forms.Field]:
        box = forms.TextInput(attrs={"inputmode": "numeric"})
        return [forms.IntegerField(min_value=1800, max_value=2100, widget=box, **self.said)]

    def value(self, cleaned: Sequence[Any]) -> Any:
        return cleaned[0]


class AmountInput(YearInput):
    def fields(self, terms: Mapping[str, Choices]) -> list[forms.Field]:
        box = forms.TextInput(attrs={"inputmode": "decimal"})
        return [forms.FloatField(min_value=0, localize=True, widget=box, **self.said)]


class ChoiceInput(Input):
    def fields(self, terms: Mapping[str, Choices]) -> list[forms.Field]:
        return [forms.ChoiceField(choices=[("", "Non précisé"), *self.field.choices], **self.said)]


class YesNoInput(Input):
    def fields(self, terms: Mapping[str, Choices]) -> list[forms.Field]:
        choices = [("", "Non précisé"), ("oui", "Oui"), ("non", "Non")]
        return [forms.ChoiceField(choices=choices, **self.said)]

    def initial(self, value: Any) -> list[Any]:
        return [YES_NO.get(value, "")]

    def value(self, cleaned: Sequence[Any]) -> Any:
        return {"oui": True, "non": False}.get(cleaned[0] or "")


class KindsInput(Input):
    def fields(self, terms: Mapping[str, Choices]) -> list[forms.Field]:
        boxes = forms.CheckboxSelectMultiple
        return [forms.MultipleChoiceField(choices=self.field.choices, widget=boxes, **self.said)]

    def value(self, cleaned: Sequence[Any]) -> Any:
        return list(cleaned[0] or [])


class OrganisationInput(Input):
    @property
    def names(self) -> list[str]:
        return [f"{self.stem}-name", f"{self.stem}-legal_form"]

    def fields(self, terms: Mapping[str, Choices]) -> list[forms.Field]:
        name = forms.CharField(label="Structure porteuse", max_length=250, required=False)
        choices = [("", "Non précisée"), *LegalForm.choices]
        return [name, forms.ChoiceField(label="Forme juridique", choices=choices, required=False)]

    def initial(self, value: Any) -> list[Any]:
        said = value or {}
        return [said.get("name"), said.get("legal_form")]

    def value(self, cleaned: Sequence[Any]) -> Any:
        name, form = cleaned
        return {"name": name, "legal_form": form or ""} if name else None


class TermsInput(Input):
    @property
    def names(self) -> list[str]:
        return [f"{self.stem}-{vocabulary}" for vocabulary in Vocabulary.values]

    def fields(self, terms: Mapping[str, Choices]) -> list[forms.Field]:
        return [
            forms.MultipleChoiceField(
                label=f"{Vocabulary(vocabulary).label}s",
                choices=terms.get(vocabulary, ()),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
            for vocabulary in Vocabulary.values
        ]

    def initial(self, value: Any) -> list[Any]:
        return [[t for t in value or () if t.startswith(f"{v}:")] for v in Vocabulary.values]

    def value(self, cleaned: Sequence[Any]) -> Any:
        return sorted(term for said in cleaned for term in said or ())


class ResourcesInput(Input):
    """A box and a percentage for each kind of resource."""

    @property
    def names(self) -> list[str]:
        stems = [f"{self.stem}-{kind}" for kind in Resource.values]
        return [name for stem in stems for name in (stem, f"{stem}-share")]

    def fields(self, terms: Mapping[str, Choices]) -> list[forms.Field]:
        return [made for kind in Resource for made in self._of(kind)]

    @staticmethod
    def _of(kind: Resource) -> list[forms.Field]:
        share = forms.IntegerField(
            label=f"Part en % ({kind.label.lower()})",
            min_value=1,
            max_value=100,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        )
        return [forms.BooleanField(label=kind.label, required=False), share]

    def initial(self, value: Any) -> list[Any]:
        shares = {said["kind"]: said.get("share") for said in value or ()}
        return [v for kind in Resource.values for v in (kind in shares, shares.get(kind))]

    def value(self, cleaned: Sequence[Any]) -> Any:
        told = zip(Resource.values, cleaned[::2], cleaned[1::2], strict=True)
        # A share says that there is such a resource, ticked or not.
        return [{"kind": kind, "share": share} for kind, has, share in told if has or share]


INPUTS: dict[str, type[Input]] = {
    fields.LINE: Input,
    fields.ADDRESS: Input,
    fields.TEXT: TextInput,
    fields.HTML: HtmlInput,
    fields.YEAR: YearInput,
    fields.AMOUNT: AmountInput,
    fields.CHOICE: ChoiceInput,
    fields.YES_NO: YesNoInput,
    fields.KINDS: KindsInput,
    fields.ORGANISATION: OrganisationInput,
    fields.TERMS: TermsInput,
    fields.RESOURCES: ResourcesInput,
}


def input_of(field: EditableField) -> Input:
    return INPUTS[field.kind](field)


def terms_by_vocabulary() -> dict[str, list[tuple[str, str]]]:
    """The active terms as choices, one query; a sous-domaine names its domaine."""
    found: dict[str, list[tuple[str, str]]] = {v: [] for v in Vocabulary.values}
    for term in Term.objects.active().select_related("parent"):
        label = f"{term.parent.label} › {term.label}" if term.parent else term.label
        found[term.vocabulary].append((f"{term.vocabulary}:{term.code}", label))
    return found


class RecordForm(DsfrForm):
    """A form over fields of a record (see ``form_over``): values in, values out."""

    asked: Sequence[EditableField] = ()

    def mark(self, field: forms.BoundField) -> str:
        """Nearly all of a record may stay empty: what may not is marked, the page says the rest."""
        own = {name for asked in self.asked for name in input_of(asked).names}
        if field.name not in own:
            return super().mark(field)
        return " (obligatoire)" if field.field.required else ""

    def typed(self) -> dict[str, Any]:
        """Field → what was typed, for those that could be read."""
        found = {}
        for field in self.asked:
            names = input_of(field).names
            if not any(name in self.errors for name in names):
                cleaned = [self.cleaned_data.get(name) for name in names]
                found[field.name] = input_of(field).value(cleaned)
        return found

    def tell(self, field: EditableField, message: str) -> None:
        """Say on a field of the record why its value cannot be kept."""
        self.add_error(input_of(field).names[0], message)

    def bound(self, field: EditableField) -> list[forms.BoundField]:
        return [self[name] for name in input_of(field).names]


def form_over(
    asked: Iterable[EditableField], base: type[RecordForm] = RecordForm
) -> type[RecordForm]:
    """A form class that asks for these fields; one query when terms are among them."""
    wanted = list(asked)
    terms = terms_by_vocabulary() if any(f.kind == fields.TERMS for f in wanted) else {}
    made: dict[str, Any] = {"asked": wanted}
    for field in wanted:
        asks = input_of(field)
        made |= dict(zip(asks.names, asks.fields(terms), strict=True))
    return type("RecordFieldsForm", (base,), made)


def initial(asked: Iterable[EditableField], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the form fields show for the values of the record."""
    found: dict[str, Any] = {}
    for field in asked:
        asks = input_of(field)
        found |= dict(zip(asks.names, asks.initial(values.get(field.name)), strict=True))
    return found


def plain(markup: str) -> str:
    """Plain text when it makes the same markup again; the markup else."""
    text = markup.replace("</p>", "\n\n").replace("<p>", "").replace("<br>", "\n").strip()
    return text if safe_html(text) == markup else markup
