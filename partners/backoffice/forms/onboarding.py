"""The first step of a source: where it is, and whose."""

from typing import Any

from django import forms
from django.db.models import Q

from carrefour.accounts.models import User
from carrefour.forms import DsfrForm
from partners.backoffice.forms.contract import ContractForm
from partners.backoffice.forms.deposit import FileField
from partners.backoffice.forms.source import NOT_OFFERED, harvested_for
from partners.connectors import CONNECTORS
from partners.models import Partner, PartnerKind

NEW = "nouveau"
MISWRITTEN = (
    "Cette adresse est mal écrite. Ouvrez la page dans votre navigateur, puis copiez l’adresse de "
    "sa barre : elle commence par https://."
)


class StartForm(DsfrForm):
    """An address or a file, for a partner known or new. ``partner`` is imposed when given."""

    use_required_attribute = False

    partner = forms.ChoiceField(label="Partenaire")
    new_name = forms.CharField(label="Nom de la plateforme", max_length=200, required=False)
    new_website = forms.URLField(
        label="Son site web",
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text="Format attendu : https://www.exemple.fr",
        error_messages={"invalid": MISWRITTEN},
    )
    new_kind = forms.ChoiceField(label="Sa nature", required=False, choices=PartnerKind.choices)
    url = forms.URLField(
        label="Adresse à moissonner",
        max_length=1000,
        assume_scheme="https",
        error_messages={"invalid": MISWRITTEN},
        help_text=(
            "Un fichier, un flux, une API, un catalogue, ou simplement la page où le partenaire "
            "présente ses projets."
        ),
        widget=forms.URLInput(attrs={"autocomplete": "url", "inputmode": "url"}),
    )
    file = FileField(required=False)
    connector = forms.ChoiceField(
        label="Ce que c’est",
        required=False,
        help_text="À ne choisir que si l’adresse n’est pas reconnue.",
    )

    def __init__(self, *args: Any, partner: Partner | None, partners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Set when the site refuses us: the fields for its access are then opened.
        self.needs_access = False
        self.known = {p.slug: p for p in ([partner] if partner else partners)}
        connector: Any = self.fields["connector"]
        connector.choices = [
            ("", "Reconnaître automatiquement"),
            *((k, c.label) for k, c in CONNECTORS.items() if k not in NOT_OFFERED),
        ]
        if partner is not None:
            for name in ("partner", "new_name", "new_website", "new_kind"):
                del self.fields[name]
            self.given: Partner | None = partner
            return
        self.given = None
        choice: Any = self.fields["partner"]
        choice.choices = [
            ("", "Choisissez un partenaire"),
            (NEW, "Un nouveau partenaire"),
            *((slug, p.name) for slug, p in self.known.items()),
        ]

    def full_clean(self) -> None:
        # Either the address or the file: only the whole form tells which is missing.
        self.fields["url"].required = False
        super().full_clean()
        self.fields["url"].required = True

    @property
    def chosen_partner(self) -> Partner:
        """The partner given, chosen, or to be created (unsaved); only after validation."""
        data = self.cleaned_data
        chosen = self.given or self.known.get(data.get("partner", ""))
        return chosen or Partner(
            name=data["new_name"], website=data["new_website"], kind=data["new_kind"]
        )

    @property
    def partner_field(self) -> forms.BoundField | None:
        return self["partner"] if "partner" in self.fields else None

    @property
    def is_new(self) -> bool:
        """Whether the fields of a new partner are to be shown open."""
        return "partner" in self.fields and self["partner"].value() == NEW

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._check_partner(data)
        if bool(data.get("url")) == bool(data.get("file")) and not self.errors:
            wrong = "Donnez l’adresse ou le fichier, pas les deux."
            missing = "Donnez l’adresse à moissonner, ou déposez un fichier."
            self.add_error("url", wrong if data.get("url") else missing)
        is_address = bool(data.get("url")) and not self.errors
        if is_address and (taken := harvested_for(data["url"], self.chosen_partner)):
            self.add_error("url", taken)
        return data

    def _check_partner(self, data: dict[str, Any]) -> None:
        if data.get("partner") != NEW:
            return
        if not data.get("new_name"):
            self.add_error("new_name", "Donnez le nom de la plateforme.")
        elif Partner.objects.filter(name=data["new_name"]).exists():
            self.add_error("new_name", "Un partenaire porte déjà ce nom : choisissez-le.")
        if not data.get("new_website") and "new_website" not in self.errors:
            self.add_error("new_website", "Donnez son site web.")


class OnboardingContractForm(ContractForm):
    """The last step: the contract, and who is told when the source needs someone."""

    warned = forms.ModelMultipleChoiceField(
        label="Prévenir par courriel",
        queryset=User.objects.none(),
        required=False,
        help_text="Seulement quand il y a quelque chose à faire.",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(
            Q(pk=user.pk) | Q(memberships__partner=self.instance.partner), is_active=True
        )
        self.fields["warned"].queryset = people.distinct().order_by("pk")  # type: ignore[attr-defined]
        self.initial.setdefault("warned", [user.pk])

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Title and fields of each part of the form."""
        parts = {
            "Ce que deviennent les fiches": [
                "name", "record_type", "licence", "publishes_directly",
            ],
            "Rythme": ["frequency", "warned"],
            "Contrat": [
                "expected_at_least", "expected_at_most", "mandatory", "withdraw_after_days",
                "largest_loss",
            ],
        }  # fmt: skip
        return [(title, [self[name] for name in names]) for title, names in parts.items()]
