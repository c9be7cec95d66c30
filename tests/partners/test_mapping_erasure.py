"""The right to object reaches the words that a mapping knows: now, in its versions, in history."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import override_settings
from pghistory.models import Context

from partners import mapping_erasure, objections, onboarding
from partners.erasure import erase, target_of
from partners.harvest import harvest
from partners.mapping.rules import MappingError, parse
from partners.mappings import restore, write_mapping
from partners.models import MappingVersion, Objection, ObjectionState, Source, SourceRecord
from partners.models.objection import ObjectionScope
from partners.redaction import PLACEHOLDER
from partners.suppression import redactor_of
from tests.factories import (
    InnovationFactory,
    OrganisationFactory,
    SourceFactory,
    SourceRecordFactory,
)
from tests.partners.conftest import MAPPING, Site, row

pytestmark = pytest.mark.django_db
PERSON = "Camille Exemple-Durand"
TITLE = "Le potager des Trois-Ponts"
TABLE = {
    "target": "porteur_name",
    "path": "porteur",
    "transforms": [
        {"op": "map", "values": {PERSON: "Une habitante", "CED": PERSON, "Mairie": "La commune"}},
        {"op": "drop", "values": ["non renseigné", f"chez {PERSON}"]},
    ],
}


def everywhere(source: Source) -> str:
    """The mapping of a source as all tables hold it."""
    events = apps.get_model("partners", "SourceEvent").objects.filter(pgh_obj_id=source.pk)
    return str(
        [
            *Source.objects.filter(pk=source.pk).values_list("mapping", flat=True),
            *MappingVersion.objects.filter(source=source).values_list("rules", "note"),
            *events.values_list("mapping", flat=True),
        ]
    )


def objected(datum: str, by: Any) -> Objection:
    objection = Objection.objects.create(
        scope=ObjectionScope.DATUM,
        datum=datum,
        state=ObjectionState.CONFIRMED,
        email="demandeur@example.org",
    )
    return objections.apply(objection, by)


def without(rules: list[dict[str, Any]], datum: str = PERSON) -> list[dict[str, Any]]:
    clean, _ = mapping_erasure.without(rules, redactor_of([datum]))
    parse(clean)
    return clean


def test_a_removed_person_leaves_the_mapping_its_versions_and_its_history(
    roles: SimpleNamespace,
) -> None:
    source = SourceFactory()
    write_mapping(source, [MAPPING[1], TABLE], note=f"Table demandée par {PERSON}")
    write_mapping(source, [MAPPING[1]])
    write_mapping(source, [MAPPING[1], TABLE])
    assert everywhere(source).count(PERSON) > 6
    effects = dict(objected(PERSON, roles.administrator).effects["lignes"])
    assert "xemple" not in everywhere(source)
    assert effects["versions de correspondances"] == 2
    source.refresh_from_db()
    assert source.mapping[1]["transforms"] == [
        {"op": "map", "values": {"CED": PLACEHOLDER, "Mairie": "La commune"}},
        {"op": "drop", "values": ["non renseigné"]},
    ]
    assert source.mapping_versions.count() == 3


def test_a_mapping_written_from_a_page_opened_before_does_not_bring_the_person_back(
    roles: SimpleNamespace,
) -> None:
    source = SourceFactory()
    write_mapping(source, [MAPPING[1], TABLE])
    objected(PERSON, roles.administrator)
    write_mapping(source, [MAPPING[1], TABLE])
    restore(source, 1, roles.administrator)
    assert "xemple" not in everywhere(source)


def test_without_the_key_of_the_list_no_mapping_is_written(roles: SimpleNamespace) -> None:
    source = SourceFactory()
    objected(PERSON, roles.administrator)
    with (
        override_settings(SUPPRESSION_KEY="une autre", SECRET_KEY="x", SECRET_KEY_FALLBACKS=[]),
        pytest.raises(MappingError, match="CARREFOUR_SUPPRESSION_KEY"),
    ):
        write_mapping(source, [MAPPING[1], TABLE])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"transforms": [{"op": "map", "values": {PERSON: "x"}}]}, {"transforms": []}),
        ({"transforms": [{"op": "map", "values": {"a": "b"}, "default": PERSON}]},
         {"transforms": [{"op": "map", "values": {"a": "b"}, "default": PLACEHOLDER}]}),
        ({"transforms": [{"op": "drop", "values": [PERSON]}]}, {"transforms": []}),
        ({"transforms": [{"op": "split", "separators": [";", PERSON]}]},
         {"transforms": [{"op": "split", "separators": [";"]}]}),
        ({"transforms": [{"op": "regex", "pattern": f"(.*), par {PERSON}"}]}, {"transforms": []}),
        ({"transforms": [{"op": "regex", "pattern": "CED", "replace": PERSON}]},
         {"transforms": [{"op": "regex", "pattern": "CED", "replace": PLACEHOLDER}]}),
        ({"transforms": [{"op": "join", "separator": PERSON}]}, {"transforms": [{"op": "join"}]}),
        ({"transforms": [{"op": "prefix", "value": f"{PERSON} : "}]},
         {"transforms": [{"op": "prefix", "value": f"{PLACEHOLDER} : "}]}),
        ({"default": PERSON}, {"default": PLACEHOLDER}),
        ({"paths": ["texte", f"mail de {PERSON}"]}, {"paths": ["texte"]}),
    ],
)  # fmt: skip
def test_what_is_left_of_a_rule_can_be_used(rule: dict[str, Any], expected: dict[str, Any]) -> None:
    common = {"target": "description", "path": "texte"}
    [clean] = without([{**common, **rule}])
    wanted = {**common, **expected}
    assert clean == {name: value for name, value in wanted.items() if value != []}


def test_a_rule_that_read_only_the_column_of_a_person_goes() -> None:
    gone = {"target": "description", "path": f"avis de {PERSON}"}
    assert without([MAPPING[1], gone]) == [MAPPING[1]]


def test_a_clean_mapping_stays_the_same_object() -> None:
    rules = [MAPPING[1], {"target": "themes", "path": "theme", "confidence": 0.9}]
    assert mapping_erasure.without(rules, redactor_of([PERSON])) == (rules, 0)
    assert mapping_erasure.without(rules, redactor_of([PERSON]))[0] is rules


def test_a_word_of_one_s_own_name_does_not_take_columns_away() -> None:
    assert without([MAPPING[1]], "Titre") == [MAPPING[1]]


def test_a_removed_record_leaves_the_mapping_but_common_words_stay() -> None:
    source = SourceFactory()
    rule = {
        "target": "themes",
        "path": "theme",
        "transforms": [{"op": "map", "values": {TITLE: "Jardins", "Potager": "Agriculture"}}],
    }
    write_mapping(source, [MAPPING[1], rule])
    owner = OrganisationFactory(name="Les Jardiniers ponteurs")
    innovation = InnovationFactory(published=True, title=TITLE, organisation=owner)
    SourceRecordFactory(source=source, values={"title": TITLE}, innovation=innovation)
    other = InnovationFactory(published=True, title="Potager")
    SourceRecordFactory(source=source, values={"title": "Potager"}, innovation=other)
    for removed in (innovation, other):
        erase(target_of(removed))
    assert TITLE not in everywhere(source)
    source.refresh_from_db()
    assert source.mapping[1]["transforms"][0]["values"] == {"Potager": "Agriculture"}


def test_the_history_forgets_the_address_from_which_a_removed_record_was_changed() -> None:
    innovation = InnovationFactory(published=True, title=TITLE, slug="potager-trois-ponts")
    ours, other = (
        Context.objects.create(metadata={"user": 1, "url": f"/innovations/{slug}/essaimer/"})
        for slug in (innovation.slug, "verger")
    )
    erase(target_of(innovation))
    ours.refresh_from_db()
    other.refresh_from_db()
    assert ours.metadata == {"user": 1, "url": ""}
    assert other.metadata["url"] == "/innovations/verger/essaimer/"


def test_a_removed_datum_leaves_the_addresses_that_the_history_keeps(
    roles: SimpleNamespace,
) -> None:
    kept = Context.objects.create(metadata={"url": "/innovations/chez-camille-exemple-durand/"})
    objected(PERSON, roles.administrator)
    kept.refresh_from_db()
    assert "camille" not in kept.metadata["url"]


def test_a_column_named_after_a_person_loses_the_name_and_keeps_its_value(
    source: Source, site: Site, roles: SimpleNamespace
) -> None:
    columns = {f"Avis de {PERSON}": "favorable", f"avis de {PERSON.upper()}": "réservé"}
    site.rows = [row(1, **columns)]
    harvest(source)
    objected(PERSON, roles.administrator)
    site.rows = [row(1, titre="Atelier de réparation, suite", **columns), row(2, **columns)]
    harvest(source)
    for record in SourceRecord.objects.filter(source=source):
        [raw] = record.raw
        assert "xemple" not in str(raw).lower()
        assert {"favorable", "réservé"} <= set(raw.values())
        assert raw["ville"] == "Nantes"


def test_what_was_recognised_at_an_address_is_forgotten(
    roles: SimpleNamespace, django_capture_on_commit_callbacks: Any
) -> None:
    source = SourceFactory()
    found = onboarding.Recognition(source.url, [{"warnings": [f"La page de {PERSON}"]}])
    onboarding._remember(source, found)
    with django_capture_on_commit_callbacks(execute=True):
        objected(PERSON, roles.administrator)
    assert onboarding.recognition_of(source) is None
    cache.clear()
