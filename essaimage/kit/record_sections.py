"""The sections of a kit that come from the record itself."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from carrefour.text import excerpt
from essaimage.kit import texts
from essaimage.kit.asking import Asking
from essaimage.kit.blocks import (
    Block,
    Entries,
    Entry,
    Link,
    Links,
    Passage,
    Prose,
    Section,
    Subtitle,
    Table,
)
from essaimage.kit.reading import Gathered
from innovations.composition import EXTRACT_LENGTH, PROTECTED, REPRODUCTION
from innovations.models import EconomicModel, Innovation

# What each text tells, asked of who may know when nobody said it.
QUESTIONS = {
    "need": "le besoin auquel le projet répond",
    "core": "le cœur du concept : ce qui doit rester, où que le projet aille",
    "adaptation_margin": "ce que chaque territoire peut changer",
    "success_conditions": "ce sans quoi le projet ne marche pas",
    "duplication_conditions": "ce qu’il faut réunir avant de le reproduire",
    "context": "le contexte qui l’a rendu possible",
    "singularity": "ce qui tenait à des circonstances singulières",
    "porteur_dependence": "ce qui repose sur le premier porteur, et comment s’en passer",
    "obstacles": "les obstacles rencontrés à l’origine",
    "lessons": "les enseignements, échecs compris",
    "impact_evidence": "les preuves d’impact, et la manière de les mesurer",
}
MEANS = {
    "budget": "le budget, de démarrage puis de fonctionnement",
    "staff": "l’équipe : combien de personnes, pour quels métiers",
    "partners": "les partenaires à mobiliser",
    "premises": "les locaux",
    "data": "les données nécessaires",
}
CONDITIONS = {
    "success_conditions": "Pour réussir",
    "duplication_conditions": "Pour reproduire",
    "context": "Le contexte qui l’a rendu possible",
    "singularity": "Ce qui tenait à des circonstances singulières",
}


def withheld(innovation: Innovation) -> frozenset[str]:
    """The fields whose text comes from a source that no open licence covers, as for the API."""
    closed = {c.source_record for c in innovation.citations.all() if not c.licence_object.is_open}
    return frozenset(
        name
        for name, origin in innovation.origins.items()
        if origin in closed and (name in PROTECTED or name.startswith(f"{REPRODUCTION}."))
    )


class RecordSections:
    """Each method gives one section; what nobody said comes as a block of its own."""

    def __init__(self, gathered: Gathered, asking: Asking) -> None:
        self.gathered, self.asking = gathered, asking
        self.innovation = gathered.innovation
        self.withheld = withheld(gathered.innovation)

    @property
    def lead(self) -> str:
        summary = self.innovation.summary
        return excerpt(summary, EXTRACT_LENGTH) if "summary" in self.withheld else summary

    def text(self, name: str) -> str:
        """One of the texts to reproduce, "" when nobody said it or its licence is closed."""
        if f"{REPRODUCTION}.{name}" in self.withheld:
            return ""
        told: str = getattr(getattr(self.innovation, "reproduction", None), name, "")
        return told.strip()

    def facts(self) -> tuple[Entry, ...]:
        """What the project is, in a few words."""
        innovation, page = self.innovation, self.gathered.page
        porteur = innovation.organisation
        form = porteur.get_legal_form_display() if porteur and porteur.legal_form else ""
        name = porteur.name if porteur else "non renseignée"
        tags = ((page.themes, "Thèmes"), (page.publics, "Publics"), (page.methods, "Méthodes"))
        pairs = [
            ("Structure porteuse", f"{name} ({form})" if form else name),
            ("Depuis", str(innovation.started_year or "")),
            ("Nature", innovation.get_nature_display()),
            ("Maturité", innovation.get_maturity_display()),
            ("Portée", innovation.get_reach_display()),
            *((label, ", ".join(tag.label for tag in found)) for found, label in tags),
        ]
        return texts.entries(pairs)

    def project(self) -> Section:
        description = "" if "description" in self.withheld else self.innovation.description
        blocks: list[Block] = [Prose(told) for told in (texts.from_text(self.lead),) if told]
        blocks.append(Entries(self.facts()))
        if told := texts.from_html(description):
            blocks += [Subtitle("Ce qu’en dit la fiche"), Prose(told)]
        if self.innovation.is_commun:
            blocks += self._commun()
        return Section("projet", "Le projet en bref", "", tuple(blocks))

    def _commun(self) -> list[Block]:
        governance = self.innovation.commun_governance
        shown = "" if "commun_governance" in self.withheld else governance
        pairs = [("Gouvernance", shown), ("Licence", self.innovation.commun_licence)]
        return [Subtitle("Un commun"), Entries(told)] if (told := texts.entries(pairs)) else []

    def need(self) -> Section:
        return self._one("besoin", "Le besoin", "", "need")

    def core(self) -> Section:
        intro = "Ce qui fait le projet, et qui doit rester où qu’il aille."
        return self._one("coeur", "Le cœur du concept", intro, "core")

    def porteur(self) -> Section:
        title = "La dépendance au premier porteur"
        intro = (
            "Ce qui reposait sur une personne, un lieu ou une structure, et qu’il faut trouver "
            "chez soi."
        )
        return self._one("porteur", title, intro, "porteur_dependence")

    def _one(self, code: str, title: str, intro: str, name: str) -> Section:
        told = self.text(name)
        blocks: tuple[Block, ...] = (Prose(texts.from_text(told)),) if told else ()
        return Section(code, title, intro, blocks or self.asking.missing([QUESTIONS[name]]))

    def conditions(self) -> Section:
        told = texts.entries((label, self.text(name)) for name, label in CONDITIONS.items())
        missing = self.unsaid(CONDITIONS)
        return Section(
            "conditions",
            "Les conditions de réussite et de duplication",
            "Ce qui a permis au projet de marcher, et ce qu’il faut réunir pour le reproduire.",
            (*_entries(told), *self.asking.missing(missing)),
        )

    def unsaid(self, names: Iterable[str]) -> list[str]:
        return [QUESTIONS[name] for name in names if not self.text(name)]

    def means(self) -> Section:
        known = getattr(self.innovation, "means", None)
        told = {name: getattr(known, name, "").strip() for name in MEANS}
        labels = {name: _label(name) for name in MEANS}
        general = self.text("means")
        blocks: list[Block] = [Prose(texts.from_text(general))] if general else []
        blocks += _entries(texts.entries((labels[n], told[n]) for n in MEANS))
        documentation = self.gathered.page.documentation
        if documentation:
            shown = [*documentation.shown_kinds, documentation.get_basis_display()]
            blocks += _entries((Entry("Documents pour se former", texts.listed(shown)),))
        # One text for all of them may well tell each.
        missing = [] if general else [MEANS[name] for name in MEANS if not told[name]]
        return Section(
            "moyens",
            "Les moyens à réunir",
            "Budget, équipe, partenaires, locaux, données.",
            (*blocks, *self.asking.missing(missing, elsewhere=True)),
        )

    def economics(self) -> Section:
        model = self.gathered.page.economics
        blocks, missing = _economics(model)
        return Section(
            "modele",
            "Le modèle économique",
            "D’où vient l’argent, qui paie, qui en bénéficie.",
            (*blocks, *self.asking.missing(missing)),
        )

    def origin_obstacles(self) -> tuple[Entry, ...]:
        return texts.entries([("Rencontrés à l’origine", self.text("obstacles"))])

    def results(self) -> tuple[Entry, ...]:
        pairs = {"impact_evidence": "Preuves d’impact", "lessons": "Enseignements"}
        return texts.entries((label, self.text(name)) for name, label in pairs.items())

    def sources(self, as_of: str) -> Section:
        rows = tuple(
            (
                Link(source.citation.partner_name),
                Link(source.citation.source_name, source.citation.url),
                Link(source.citation.get_licence_display(), source.citation.licence_object.url),
                Link(f"{source.citation.collected_at:%d/%m/%Y}"),
            )
            for source in self.gathered.sources
        )
        caption = "Les fiches des partenaires dont vient ce kit"
        headers = ("Partenaire", "Source", "Licence", "Recueillie le")
        blocks: list[Block] = [Table(caption, headers, rows)] if rows else []
        blocks += [Prose(self._authors(bool(rows))), *self._documents()]
        address = self.innovation.get_absolute_url()
        blocks.append(
            Links(
                (
                    (
                        "La fiche, où ces données sont tenues à jour",
                        Link(self.innovation.title, address),
                    ),
                )
            )
        )
        intro = f"État des données au {as_of}. Chaque texte reste sous la licence de sa source."
        return Section("sources", "Sources, licences et date", intro, tuple(blocks))

    def _authors(self, is_cited: bool) -> tuple[Passage, ...]:
        said = [] if is_cited else ["Cette fiche a été écrite par l’équipe du Carrefour."]
        if gives := self.gathered.page.staff_gives:
            said.append(f"Revu par l’équipe du Carrefour : {', '.join(gives)}.")
        said.append(
            "Les étapes proposées et l’assemblage de ce kit sont du Carrefour des innovations "
            "sociales ; les reprises, les obstacles et les résultats sont tels que déclarés, relus "
            "sur la forme et jamais jugés sur le fond."
        )
        return tuple(p for text in said for p in texts.paragraph(text))

    def _documents(self) -> list[Block]:
        shown = [
            Entry(cited.document, texts.listed(where for where, _ in cited.places))
            for cited in self.gathered.page.evidence
        ]
        return [Subtitle("Documents cités"), Entries(tuple(shown))] if shown else []


def _economics(model: EconomicModel | None) -> tuple[list[Block], list[str]]:
    """What is known of the model, and the questions that it leaves."""
    questions = {
        "resources": "d’où viennent les ressources, et dans quelle part",
        "grant_dependence": "la dépendance aux subventions",
        "payers": "qui paie",
        "beneficiaries": "qui en bénéficie",
        "beneficiary_cost": "le coût par bénéficiaire",
        "autonomy": "si le projet peut vivre de ses ressources",
    }
    if model is None:
        return [], list(questions.values())
    blocks: list[Block] = []
    if model.resources:
        rows = tuple(
            (Link(label), Link("non renseignée" if share is None else f"{share} %"))
            for label, share in model.shown_resources
        )
        blocks.append(Table("Les ressources et leur part", ("Ressource", "Part"), rows))
    told: Mapping[str, str] = {
        "Dépendance aux subventions": model.get_grant_dependence_display(),
        "Qui paie": model.payers,
        "Qui en bénéficie": model.beneficiaries,
        "Coût par bénéficiaire": _cost(model),
        "Autonomie": model.autonomy,
    }
    blocks += _entries(texts.entries(told.items()))
    unsaid = [name for name in questions if getattr(model, name) in (None, "", [])]
    return blocks, [questions[name] for name in unsaid]


def _cost(model: EconomicModel) -> str:
    if model.beneficiary_cost is None:
        return ""
    cost = Decimal(model.beneficiary_cost)
    shown = f"{cost:,.2f}".removesuffix(".00").replace(",", "\u202f").replace(".", ",")
    return f"{shown} €, {model.cost_basis}" if model.cost_basis else f"{shown} €"


def _label(name: str) -> str:
    return {
        "budget": "Budget",
        "staff": "Équipe",
        "partners": "Partenaires mobilisés",
        "premises": "Locaux",
        "data": "Données",
    }[name]


def _entries(told: tuple[Entry, ...]) -> list[Block]:
    return [Entries(told)] if told else []
