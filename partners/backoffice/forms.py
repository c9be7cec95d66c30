"""Registering partners and sources; filters of the lists."""

import json
from typing import Any

from django import forms
from django.db import transaction
from django.utils.html import format_html
from django.utils.text import slugify

from carrefour.forms import DsfrForm, DsfrModelForm
from carrefour.http import FetchError
from carrefour.text import key
from innovations import slugs
from partners.backoffice.recognition import recognise
from partners.connectors import CONNECTORS, SourceError
from partners.mapping.rules import MappingError, parse
from partners.models import Partner, RecordState, Source
from partners.moving import move_source

AUTOMATIC = ""
# Connectors that read no address given by a partner.
NOT_OFFERED = {"dataset"}


class PartnerForm(DsfrModelForm):
    website = forms.URLField(
        label="Site web",
        max_length=500,
        assume_scheme="https",
        help_text="Format attendu : https://www.exemple.fr",
    )

    class Meta:
        model = Partner
        fields = [
            "name", "kind", "website", "description", "contact_email", "charter_signed_on",
            "is_active",
        ]  # fmt: skip
        labels = {
            "name": "Nom de la plateforme",
            "charter_signed_on": "Charte signée le",
            "is_active": "Partenaire actif",
        }
        help_texts = {
            "contact_email": "Jamais publiée ni exportée. Format attendu : nom@domaine.fr",
            "is_active": (
                "Inactif, il n’est plus moissonné et sa page disparaît ; "
                "ses fiches restent publiques."
            ),
        }
        widgets = {
            "charter_signed_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "description": forms.Textarea(attrs={"rows": 5}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["is_active"]

    def save(self, commit: bool = True) -> Partner:
        if not self.instance.slug:
            self.instance.slug = free_slug(Partner, self.instance.name)
        return super().save(commit)


class JsonField(forms.CharField):
    """JSON written by hand, with errors that tell where. ``kind``: list or dict."""

    def __init__(self, kind: type, **options: Any) -> None:
        self.kind = kind
        super().__init__(**({"widget": forms.Textarea(attrs={"rows": 6})} | options))
        self.widget.attrs |= {"spellcheck": "false", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2) if value else ""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return self.kind()
        try:
            read = json.loads(text)
        except json.JSONDecodeError as error:
            raise forms.ValidationError(
                f"Ce n’est pas du JSON : erreur ligne {error.lineno}, colonne {error.colno}."
            ) from error
        if not isinstance(read, self.kind):
            wanted = "une liste [ … ]" if self.kind is list else "un objet { … }"
            raise forms.ValidationError(f"Le JSON attendu est {wanted}.")
        return read


class SourceForm(DsfrModelForm):
    """A source's set-up. Without a connector chosen, the address is read to recognise it."""

    url = forms.URLField(
        label="Adresse à moissonner",
        max_length=1000,
        assume_scheme="https",
        help_text="Un fichier, un flux, une API ou la page d’accueil d’un site WordPress.",
    )
    connector = forms.ChoiceField(
        label="Connecteur", required=False, widget=forms.RadioSelect, initial=AUTOMATIC
    )
    publishes_directly = forms.TypedChoiceField(
        label="Publication des fiches",
        choices=[
            (True, "Directement : le partenaire répond de ses projets"),
            (False, "Après relecture : chaque nouvelle fiche attend l’équipe"),
        ],
        help_text=(
            "La relecture porte sur la première publication d’une fiche : les mises à jour que le "
            "partenaire y apporte ensuite paraissent sans être relues."
        ),
        coerce=lambda value: value in (True, "True"),
        initial=True,
        widget=forms.RadioSelect,
    )
    options = JsonField(
        dict,
        label="Options du connecteur",
        required=False,
        help_text="Un objet JSON ; laissez vide pour que le connecteur se règle seul.",
    )

    class Meta:
        model = Source
        fields = [
            "name", "url", "connector", "record_type", "licence", "publishes_directly",
            "frequency", "withdraw_after_days", "options", "is_active",
        ]  # fmt: skip
        labels = {
            "name": "Nom de la source",
            "is_active": "Source active",
        }
        help_texts = {
            "name": "Ce que le public lira : « Fiches d’expérience », « Annuaire des projets »…",
            "record_type": "Seules les innovations deviennent des fiches publiques.",
            "licence": (
                "Sans licence ouverte, une fiche se réduit à un titre, un court extrait et un lien."
            ),
            "is_active": "Une source inactive n’est plus moissonnée ; ses fiches restent.",
        }

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.partner = partner
        connector: Any = self.fields["connector"]
        connector.choices = connector_choices(self.instance)
        if self.instance.pk is None:
            # Who has not signed the charter does not answer for its projects yet.
            self.initial["publishes_directly"] = partner.charter_signed_on is not None
            del self.fields["is_active"]
            del self.fields["options"]

    def clean_connector(self) -> str:
        return str(self.cleaned_data["connector"] or self.instance.connector)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            self._check_options(data)
        if not self.errors and not data["connector"]:
            self._recognise(data)
        if not self.errors:
            self._check_address(data["url"])
        return data

    @transaction.atomic
    def save(self, commit: bool = True) -> Source:
        if self.instance.pk and "url" in self.changed_data:
            wanted, self.instance.url = self.instance.url, self.initial["url"]
            move_source(self.instance, wanted)
        if not self.instance.slug:
            self.instance.slug = free_slug(Source, f"{self.instance.partner.slug} {self.instance}")
        if self.instance.pk is None or {"frequency", "is_active"} & set(self.changed_data):
            self.instance.schedule_next()
        return super().save(commit)

    def _check_options(self, data: dict[str, Any]) -> None:
        connector = CONNECTORS.get(data["connector"])
        unknown = set(data.get("options") or {}) - set(connector.option_help if connector else ())
        if connector and unknown:
            names, known = ", ".join(sorted(unknown)), ", ".join(connector.option_help) or "aucune"
            self.add_error(
                "options", f"Option inconnue : {names}. Options de ce connecteur : {known}."
            )

    def _check_address(self, url: str) -> None:
        """An address has one partner: harvested for two, each of its records would be double."""
        bare = url.rstrip("/")
        others = Source.objects.exclude(partner=self.instance.partner)
        other = others.filter(url__in={bare, f"{bare}/"}).select_related("partner").first()
        if other is not None:
            self.add_error("url", f"Cette adresse est déjà moissonnée pour {other.partner}.")

    def _recognise(self, data: dict[str, Any]) -> None:
        try:
            found = recognise(data["url"])
        except (FetchError, SourceError) as error:
            self.add_error("url", error.message)
            return
        data["connector"], data["url"] = found.connector, found.url
        self.instance.options = found.options


class MappingForm(DsfrForm):
    mapping = JsonField(
        list,
        label="Correspondance, en JSON",
        required=False,
        help_text=(
            "Une liste de règles : {"
            "&quot;target&quot;: &quot;title&quot;, &quot;path&quot;: &quot;Nom du projet&quot;}."
        ),
        widget=forms.Textarea(attrs={"rows": 18, "class": "fr-input bo-code"}),
    )

    def clean_mapping(self) -> list[dict[str, Any]]:
        mapping = self.cleaned_data["mapping"]
        try:
            parse(mapping)
        except MappingError as error:
            raise forms.ValidationError(error.messages) from error
        return mapping


class RecordFilter(DsfrForm):
    """Filters of a source's records; anything unknown is as if it were not asked."""

    q = forms.CharField(label="Titre ou identifiant", required=False, max_length=200)
    etat = forms.ChoiceField(label="État", required=False)
    remarques = forms.BooleanField(label="Avec des remarques", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state: Any = self.fields["etat"]
        state.choices = [("", "Tous les états"), *RecordState.choices]

    def chosen(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)


def connector_choices(source: Source) -> list[tuple[str, str]]:
    """Each connector with its explanation; the automatic choice first for a new source."""
    kinds = [k for k in CONNECTORS if k not in NOT_OFFERED or k == source.connector]
    described = [(k, CONNECTORS[k].label, CONNECTORS[k].explanation) for k in kinds]
    if source.pk is None:
        automatic = "L’adresse est lue et le bon connecteur choisi."
        described.insert(0, (AUTOMATIC, "Reconnaître automatiquement", automatic))
    return [
        (kind, format_html('{}<span class="fr-hint-text">{}</span>', label, explanation))
        for kind, label, explanation in described
    ]


def free_slug(model: type[Partner | Source], text: str) -> str:
    """A short address from a name, unlike any other of the model."""
    wish = slugify(key(text))[:100].strip("-") or model._meta.model_name or "x"
    taken = set(model.objects.filter(slug__startswith=wish).values_list("slug", flat=True))
    return slugs.free(wish, taken)
