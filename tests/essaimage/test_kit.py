"""What a kit says, from what the public may read; what it does not say is asked of someone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from essaimage.kit import building, reading, steps, typesetting
from essaimage.kit.blocks import Card, Entries, Kit, Missing, Section, Steps, Table
from innovations.licences import Licence
from innovations.models import Innovation, Reproduction, Status
from innovations.record_page import RecordPage
from tests.essaimage import kit_world
from tests.factories import (
    CitationFactory,
    InnovationFactory,
    ObstacleFactory,
    ReplicationFactory,
    SourceRecordFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
HIDDEN = (
    "secret@example.org",
    "Repreneur à relire",
    "Fait que personne ne doit lire",
    "Obstacle à relire",
)
Queries = Callable[[int], Any]


def kit_of(innovation: Innovation) -> Kit:
    found = Innovation.objects.for_detail().get(pk=innovation.pk)
    return building.build(reading.gather(found), kit_world.DAY)


def section(kit: Kit, code: str) -> Section:
    return next(s for s in kit.sections if s.code == code)


def cards(kit: Kit, code: str) -> list[Card]:
    return [b for b in section(kit, code).blocks if isinstance(b, Card)]


def told(kit: Kit) -> str:
    """All that it says, as one text."""
    return typesetting.payload(kit)


def said(card: Card) -> dict[str, str]:
    return {e.label: "\n".join("\n".join(p.texts) for p in e.passages) for e in card.entries}


def test_a_kit_goes_from_the_need_to_whom_to_ask() -> None:
    kit = kit_of(kit_world.rich())

    assert [s.code for s in kit.sections] == [
        "projet", "besoin", "coeur", "marge", "conditions", "moyens", "modele", "porteur",
        "etapes", "obstacles", "reprises", "resultats", "manque", "sources",
    ]  # fmt: skip
    assert (kit.structure, kit.place) == ("Association du bourg", "Saint-Brieuc")
    assert kit.known == "1 en activité, 1 arrêtée, 1 envisagée ou en préparation"


def test_lists_stay_lists_whether_they_were_html_or_dashes() -> None:
    kit = kit_of(kit_world.rich())

    need = section(kit, "besoin").blocks[0]
    assert [(p.style, p.texts) for p in need.passages] == [
        ("p", ("Trop d’objets sont jetés.",)),
        ("ul", ("encombrants", "électroménager")),
    ]
    description = section(kit, "projet").blocks[-1]
    assert [(p.style, p.texts) for p in description.passages] == [
        ("h", ("Un lieu",)),
        ("p", ("On y apprend.",)),
        ("ul", ("réparer", "vendre")),
    ]


def test_those_who_did_it_and_those_who_stopped_are_told_apart() -> None:
    running, stopped, planned = cards(kit_of(kit_world.rich()), "reprises")

    assert (running.title, running.tone) == ("À Lyon", "done")
    assert said(running)["Acteurs publics"] == (
        "Métropole : facilitateur ; participe au financement"
    )
    sides = said(running)["Ce qu’en disent les deux côtés"]
    assert "confirmée par le repreneur le" in sides
    assert "la structure porteuse ne s’est pas prononcée" in sides
    assert stopped.tone == "stopped"
    assert "Abandonnée (juin 2021) : Le bail n’a pas été renouvelé." in said(stopped)["Étapes"]
    assert said(stopped)["Enseignements"] == "Sans local stable, les bénévoles partent."
    assert planned.tone == "open"


def test_what_others_kept_and_changed_widens_the_margin() -> None:
    (adapted,) = cards(kit_of(kit_world.rich()), "marge")

    assert adapted.badges == ("Adaptée en profondeur",)
    assert said(adapted) == {
        "Resté du cœur du concept": "La réparation en public.",
        "Changé": "Le lieu tourne d’un quartier à l’autre.",
        "Par qui, où": "L’équipe et des habitants, Atelier de mars 2019",
    }


def test_an_obstacle_lifted_elsewhere_comes_first_with_how() -> None:
    lifted, still_open, experiment = cards(kit_of(kit_world.rich()), "obstacles")

    assert (lifted.title, lifted.tone) == ("Le classement du local", "done")
    assert said(lifted)["Comment il a été levé"] == "La préfecture a donné son accord écrit."
    assert said(lifted)["Rencontré par"] == "À Lyon"
    assert said(lifted)["Comment c’est lu ailleurs"].startswith(
        "Préfecture voisine permet le projet :"
    )
    assert said(still_open)["Rencontré par"] == "le projet d’origine"
    assert said(experiment)["Fondement"].startswith("Article 37-1")


def test_the_three_facts_tell_the_origin_then_the_replications() -> None:
    origin, lyon = cards(kit_of(kit_world.rich()), "resultats")

    assert (origin.title, origin.badges) == ("Au lieu d’origine", ("Moment non renseigné",))
    assert (lyon.title, lyon.badges) == ("À Lyon", ("Après 12 mois",))
    assert said(lyon)["Solidité"] == (
        "Moyenne : un suivi chiffré des personnes ou des actions, une évaluation par un tiers"
    )


def test_the_means_and_the_model_are_told_one_by_one() -> None:
    kit = kit_of(kit_world.rich())

    (table,) = [b for b in section(kit, "modele").blocks if isinstance(b, Table)]
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Ventes et prestations", "55 %"],
        ["Subventions", "non renseignée"],
    ]
    assert "1\u202f250,50 €, par personne accueillie et par an" in told(kit)
    assert section(kit, "moyens").missing == (
        "les partenaires à mobiliser",
        "les données nécessaires",
    )


def test_one_text_of_means_may_tell_them_all() -> None:
    innovation = InnovationFactory(published=True, reproduction={"means": "Deux salariés."})

    assert section(kit_of(innovation), "moyens").missing == ()


@pytest.mark.parametrize("text", HIDDEN)
def test_what_the_public_may_not_read_is_nowhere(text: str) -> None:
    assert text not in told(kit_of(kit_world.rich()))


def test_an_obstacle_does_not_name_a_replication_that_is_not_published() -> None:
    innovation = InnovationFactory(published=True)
    hidden = ReplicationFactory(
        innovation=innovation, waiting=True, territory=TerritoryFactory(name="Villeneuve")
    )
    ObstacleFactory(replication=hidden)

    assert "Villeneuve" not in told(kit_of(innovation))


def test_an_empty_part_says_what_is_missing_and_whom_to_ask() -> None:
    kit = kit_of(kit_world.empty())

    silent = [s for s in kit.sections if s.code not in {"projet", "etapes", "manque", "sources"}]
    for one in silent:
        (missing,) = one.blocks
        assert isinstance(missing, Missing)
        assert missing.items, one.code
        assert [ask.url for ask in missing.asks] == ["/contact/"], one.code
    (listed,) = [b for b in section(kit, "manque").blocks if isinstance(b, Entries)]
    assert [e.label for e in listed.entries] == [s.title for s in silent]


def test_who_carries_it_documents_it_or_took_it_up_is_whom_to_ask() -> None:
    kit = kit_of(kit_world.rich())
    links = section(kit, "manque").blocks[-1]

    assert [(label, link.text) for label, link in links.items] == [
        ("La structure porteuse", "Association du bourg"),
        ("La structure porteuse", "Le site du projet"),
        ("Le partenaire qui documente le projet", links.items[2][1].text),
        ("Ceux qui l’ont repris", "Régie de quartier"),
        ("Ceux qui l’ont repris", "Collectif du Nord"),
        ("Vous avez la réponse ?", "Proposez-la pour la fiche"),
        ("À défaut", "L’équipe du Carrefour, par sa page de contact"),
    ]
    means = [b for b in section(kit, "moyens").blocks if isinstance(b, Missing)]
    assert means[0].asks[0].text == "Régie de quartier"
    assert "@" not in told(kit)


def test_a_text_without_an_open_licence_is_not_given() -> None:
    closed = SourceRecordFactory(licence=Licence.ALL_RIGHTS)
    innovation = InnovationFactory(
        published=True,
        summary="Résumé fermé. " * 40,
        description="<p>Description fermée.</p>",
        reproduction={"need": "Besoin fermé.", "core": "Cœur ouvert."},
        origins={"summary": closed.pk, "description": closed.pk, "reproduction.need": closed.pk},
    )
    CitationFactory(innovation=innovation, record=closed)
    CitationFactory(innovation=innovation)

    kit = kit_of(innovation)
    assert len(kit.lead) <= 280
    assert "fermée" not in told(kit)
    assert "Besoin fermé" not in told(kit)
    assert "Cœur ouvert." in told(kit)
    assert section(kit, "besoin").missing


def test_what_was_said_of_a_merged_record_is_told() -> None:
    innovation = InnovationFactory(published=True)
    merged = InnovationFactory(status=Status.MERGED, merged_into=innovation)
    ReplicationFactory(innovation=merged, repreneur_name="Repreneur de la fiche réunie")

    assert "Repreneur de la fiche réunie" in told(kit_of(innovation))


def test_beyond_forty_replications_they_are_counted() -> None:
    innovation = InnovationFactory(published=True)
    for _ in range(reading.MOST + 3):
        ReplicationFactory(innovation=innovation, territory=None)

    kit = kit_of(innovation)
    assert len(cards(kit, "reprises")) == reading.MOST
    assert "Et 3 autres reprises, à lire sur la fiche." in told(kit)
    assert kit.known == "Aucune commencée, 43 envisagées ou en préparation"


def test_the_map_colours_the_project_then_who_took_it_up() -> None:
    kit = kit_of(kit_world.rich())

    assert kit.map is not None
    assert [(t.code, t.places) for t in kit.map.legend] == [
        ("project", ("Saint-Brieuc",)),
        ("begun", ("Lyon",)),
        ("planned", ("Aude",)),
        ("stopped", ("Nord",)),
    ]
    assert sorted(z.tone for z in kit.map.zones if z.tone != "land") == [
        "begun", "planned", "project", "stopped",
    ]  # fmt: skip
    assert "Le projet : Saint-Brieuc ; repris : Lyon" in kit.map.alt


def test_without_a_place_there_is_no_map() -> None:
    assert kit_of(kit_world.empty()).map is None


def test_every_step_leads_somewhere_that_exists() -> None:
    innovation = InnovationFactory(published=True)
    known = steps.pages(innovation, RecordPage(innovation))

    asked = {offer["page"] for step in steps.written() for offer in step["offer"]}
    assert asked == set(known)
    (shown,) = section(kit_of(innovation), "etapes").blocks
    assert isinstance(shown, Steps)
    assert all(offer.url for step in shown.steps for offer in step.offers)
    inside = {link.url[1:] for s in shown.steps for link in s.offers if link.url[0] == "#"}
    assert inside <= {s.code for s in kit_of(innovation).sections}


def test_a_kit_costs_the_same_queries_whatever_it_holds() -> None:
    counts = []
    innovation = kit_world.rich()
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            kit_of(innovation)
        counts.append(len(queries))
        for _ in range(5):
            replication = ReplicationFactory(
                innovation=innovation, state="en-cours", journal={"en-cours": "2022"}
            )
            ObstacleFactory(replication=replication, lifted=True)

    assert counts[0] == counts[1]
    assert counts[0] <= 26


def test_building_asks_nothing_of_the_database(django_assert_num_queries: Queries) -> None:
    innovation = kit_world.rich()
    gathered = reading.gather(Innovation.objects.for_detail().get(pk=innovation.pk))
    RecordPage(innovation)

    with django_assert_num_queries(0):
        building.build(gathered, kit_world.DAY)


def test_a_record_that_has_no_elements_to_reproduce_has_a_kit() -> None:
    innovation = kit_world.empty()

    assert not Reproduction.objects.filter(innovation=innovation).exists()
    assert kit_of(innovation).title == "Projet peu connu"


def test_what_was_given_up_before_it_began_is_neither_stopped_nor_drawn() -> None:
    innovation = InnovationFactory(published=True, slug="projet")
    place = TerritoryFactory(kind="departement", code="69", name="Rhône", liaison=2)
    ReplicationFactory(innovation=innovation, territory=place, state="abandonnee", journal=True)
    kit = kit_of(innovation)
    assert kit.known == "Aucune commencée, 1 inaboutie"
    assert kit.map is None
    assert "Expérience inaboutie" in str(kit.sections)
