"""A source's set-up, once it is on board."""

from typing import Any

from django import forms
from django.db import transaction
from django.utils.html import format_html

from partners import deposits
from partners.backoffice.forms.contract import ContractForm
from partners.backoffice.forms.options import option_fields, options_of
from partners.connectors import CONNECTORS
from partners.models import Partner, Source
from partners.moving import move_source

# Connectors that read no address given by a partner.
NOT_OFFERED = {"dataset", "proposals"}


class SourceForm(ContractForm):
    """Everything that may be changed: address, connector and its options, contract, schedule."""

    url = forms.URLField(label="Adresse à moissonner", max_length=1000, assume_scheme="https")
    connector = forms.ChoiceField(label="Connecteur", widget=forms.RadioSelect)

    class Meta(ContractForm.Meta):
        fields = [
            "name", "url", "connector", *ContractForm.Meta.fields[1:], "full_reading_days",
            "is_active",
        ]  # fmt: skip
        labels = ContractForm.Meta.labels | {
            "is_active": "Source active",
            "full_reading_days": "Relire toute la source au moins tous les (jours)",
        }
        help_texts = ContractForm.Meta.help_texts | {
            "is_active": "Une source inactive n’est plus moissonnée ; ses fiches restent.",
            "full_reading_days": (
                "Entre deux, seules les nouveautés sont demandées, si la source le permet."
            ),
        }

    field_order = ["name", "url", "connector"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        connector: Any = self.fields["connector"]
        connector.choices = connector_choices(self.instance)
        if deposits.is_deposited(self.instance):
            del self.fields["url"]
        # The options shown are those of the connector in force.
        self._connector = self.instance.connector
        self.fields |= option_fields(self._connector, self.instance.options)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        url = data.get("url", "")
        if url and (taken := harvested_for(url, self.instance.partner)):
            self.add_error("url", taken)
        return data

    @transaction.atomic
    def save(self, commit: bool = True) -> Source:
        source = self.instance
        if "url" in self.changed_data:
            wanted, source.url = source.url, self.initial["url"]
            move_source(source, wanted)
        is_same = source.connector == self._connector
        source.options = options_of(self.cleaned_data) if is_same else {}
        if {"frequency", "is_active"} & set(self.changed_data):
            source.schedule_next()
        return super().save(commit)

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Title and fields of each part of the form."""
        parts = {
            "Ce qui est lu": ["name", "url", "connector"],
            "Options du connecteur": [n for n in self.fields if n.startswith("option-")],
            "Ce que deviennent les fiches": ["record_type", "licence", "publishes_directly"],
            "Rythme": ["frequency", "full_reading_days", "is_active"],
            "Contrat": [
                "expected_at_least", "expected_at_most", "mandatory", "withdraw_after_days",
                "largest_loss",
            ],
        }  # fmt: skip
        found = {
            title: [self[n] for n in names if n in self.fields] for title, names in parts.items()
        }
        return [(title, fields) for title, fields in found.items() if fields]


def harvested_for(url: str, partner: Partner) -> str:
    """An address has one partner: harvested for two, each of its records would be double. A
    French sentence when another partner than ``partner`` (maybe unsaved) has it, or ""."""
    bare = url.rstrip("/")
    others = Source.objects.filter(url__in={bare, f"{bare}/"}).exclude(partner_id=partner.pk or 0)
    other = others.select_related("partner").first()
    return f"Cette adresse est déjà moissonnée pour {other.partner}." if other else ""


def connector_choices(source: Source) -> list[tuple[str, str]]:
    """Each connector with its explanation."""
    kinds = [k for k in CONNECTORS if k not in NOT_OFFERED or k == source.connector]
    return [
        (
            kind,
            format_html(
                '{}<span class="fr-hint-text">{}</span>',
                CONNECTORS[kind].label,
                CONNECTORS[kind].explanation,
            ),
        )
        for kind in kinds
    ]
