"""What is like a record, why, and where else in France the same need is answered."""

import pytest
from django.test import Client

from innovations import publishing
from innovations.models import Innovation, Status
from innovations.similar import Likenesses, similar, spellings
from tests.factories import (
    InnovationFactory,
    OrganisationFactory,
    SourceRecordFactory,
    TermFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
REGIONS = (("53", "Bretagne"), ("28", "Normandie"), ("93", "Provence"))


def commune(region: str, code: str, **fields: object) -> object:
    name = dict(REGIONS)[region]
    around = TerritoryFactory(kind="region", code=region, name=name)
    within = TerritoryFactory(kind="departement", code=code[:2], name=f"Dép. {code}", region=around)
    return TerritoryFactory(
        code=code, name=f"Lieu {code}", departement=within, region=around, **fields
    )


def publish(title: str, summary: str = "Autre chose.", **fields: object) -> Innovation:
    fields.setdefault("description", "")
    return InnovationFactory(published=True, title=title, summary=summary, **fields)


def likenesses(innovation: Innovation) -> Likenesses:
    return similar(Innovation.objects.for_detail().get(pk=innovation.pk))


def titles(found: object) -> list[str]:
    return [each.innovation.title for each in found]  # type: ignore[attr-defined]


GROCERY = "Une épicerie solidaire ouverte aux familles fragiles."


def test_a_record_on_the_same_subject_is_found_and_explained() -> None:
    theme = TermFactory(code="aide-alimentaire", parent=TermFactory(code="solidarites"))
    public = TermFactory(code="familles", vocabulary="public", label="Familles")
    here = commune("53", "22278", population=1200)
    other = publish("Épicerie sociale", GROCERY, terms=[theme, public], territory=here)
    publish("Atelier vélo", "On y répare des vélos.", territory=here)
    mine = publish("Épicerie du bourg", GROCERY, terms=[theme, public], territory=here)

    (found,) = likenesses(mine).alike
    assert found.innovation == other
    assert {reason.code for reason in found.reasons} == {"theme", "public", "words", "departement"}
    assert str(found.reasons[0]) == "Thème en commun : Aide alimentaire"
    assert "« épicerie »" in str(found.reasons[2])


def test_nothing_is_shown_when_nothing_is_really_alike(client: Client) -> None:
    here = commune("53", "22278")
    publish("Atelier vélo", "On y répare des bicyclettes.", territory=here)
    mine = publish("Épicerie du bourg", GROCERY, territory=here)

    assert likenesses(mine) == Likenesses([], [])
    page = client.get(mine.get_absolute_url()).content.decode()
    assert "Innovations semblables" not in page
    assert "Ailleurs en France" not in page


def test_neither_itself_nor_what_was_merged_or_unpublished_is_shown() -> None:
    mine = publish("Épicerie du bourg", GROCERY)
    merged = publish("Épicerie du bourg bis", GROCERY)
    publishing.set_status([merged.pk], Status.WITHDRAWN)
    Innovation.objects.filter(pk=merged.pk).update(merged_into=mine)
    hidden = publish("Épicerie cachée", GROCERY)
    publishing.set_status([hidden.pk], Status.UNPUBLISHED)
    publish("Épicerie ouverte", GROCERY)

    assert titles(likenesses(mine).alike) == ["Épicerie ouverte"]


def test_elsewhere_is_one_record_a_region_the_best_of_each() -> None:
    theme = TermFactory(code="aide-alimentaire", parent=TermFactory(code="solidarites"))
    mine = publish("Épicerie du bourg", GROCERY, terms=[theme], territory=commune("53", "22278"))
    for number in range(3):
        publish(
            f"Épicerie voisine {number}", GROCERY, terms=[theme], territory=commune("53", "22278")
        )
    for region, code in (("28", "14118"), ("93", "13055")):
        publish(f"Aide {region}", "Des paniers.", terms=[theme], territory=commune(region, code))
        publish(
            f"Meilleure aide {region}",
            "Des paniers.",
            terms=[theme],
            territory=commune(region, code),
            reproduction={"need": "Manger à sa faim.", "core": "Partager."},
        )
    found = likenesses(mine)

    assert len(found.alike) == 3
    assert sorted(titles(found.elsewhere)) == ["Meilleure aide 28", "Meilleure aide 93"]


def test_of_a_reference_neither_the_text_nor_the_owner_is_told() -> None:
    owner = OrganisationFactory()
    theme = TermFactory(code="aide-alimentaire", parent=TermFactory(code="solidarites"))
    mine = publish("Épicerie du bourg", GROCERY, terms=[theme], organisation=owner)
    publish("Épicerie citée", GROCERY, terms=[theme], organisation=owner, is_reference=True)

    (found,) = likenesses(mine).alike
    assert [reason.code for reason in found.reasons] == ["theme"]


def test_the_same_owner_and_the_same_kind_of_town_are_reasons() -> None:
    owner = OrganisationFactory()
    mine = publish(
        "Épicerie du bourg",
        GROCERY,
        organisation=owner,
        territory=commune("53", "22278", population=900),
    )
    publish(
        "Épicerie de plage",
        GROCERY,
        organisation=owner,
        territory=commune("28", "14118", population=1500),
    )

    (found,) = likenesses(mine).alike
    assert [str(reason) for reason in found.reasons][1:] == [
        "Même structure porteuse",
        "Même type de commune : village",
    ]


@pytest.mark.parametrize("title", ["L’\\ ' & | ! :* <b>", "日本", "123", "les des une"])
def test_no_title_breaks_the_look_up(title: str) -> None:
    publish(title)
    assert isinstance(likenesses(publish(title)), Likenesses)


def test_a_fixed_number_of_queries(django_assert_max_num_queries: object) -> None:
    theme = TermFactory(code="aide-alimentaire", parent=TermFactory(code="solidarites"))
    for region, code in (("53", "22278"), ("28", "14118"), ("93", "13055")) * 4:
        publish(
            "Épicerie",
            GROCERY,
            terms=[theme],
            territory=commune(region, code),
            cited=SourceRecordFactory(),
        )
    innovation = Innovation.objects.for_detail().first()
    assert innovation

    with django_assert_max_num_queries(7):  # type: ignore[operator]
        found = similar(innovation)
        for each in (*found.alike, *found.elsewhere):
            str(each.innovation.organisation), each.innovation.shown_locations
    assert found.alike
    assert found.elsewhere


def test_the_page_shows_both_with_their_reasons(client: Client) -> None:
    theme = TermFactory(code="aide-alimentaire", label="Aide alimentaire")
    mine = publish("Épicerie du bourg", GROCERY, terms=[theme], territory=commune("53", "22278"))
    for number in range(4):
        publish(f"Épicerie {number}", GROCERY, terms=[theme], territory=commune("28", "14118"))
    page = client.get(mine.get_absolute_url()).content.decode()

    assert page.index("Ailleurs en France pour le même besoin") < page.index(
        "Innovations semblables"
    )
    assert "Thème en commun : Aide alimentaire" in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Un réseau à Lormes. Lormes, bourg.", ["réseau", "Lormes", "bourg"]),
        ("La CAF aide. L’aide de la caf.", ["caf", "aide"]),
        ("Voisins : Jardins. Voisins", ["voisins", "jardins"]),
    ],
)
def test_a_name_keeps_its_capital(text: str, shown: list[str]) -> None:
    found = spellings(text)

    assert [found[word.lower()] for word in shown] == shown
