"""Every version of a mapping is kept: who wrote it, why, what changed; and comes back."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.mapping.description import described
from partners.mapping.rules import MappingError
from partners.mappings import changes, restore, write_mapping
from partners.models import Source
from tests.factories import SourceRecordFactory

pytestmark = pytest.mark.django_db
FIRST = [{"target": "title", "path": "Nom"}]
SECOND = [
    {"target": "title", "path": "Titre", "transforms": [{"op": "strip_html"}]},
    {"target": "themes", "path": "Thèmes", "transforms": [{"op": "split", "separators": [";"]}]},
]


@pytest.fixture
def bare(source: Source) -> Source:
    Source.objects.filter(pk=source.pk).update(mapping=[])
    source.refresh_from_db()
    return source


def where(source: Source, *more: int) -> str:
    name = "mapping_restore" if more else "mapping_versions"
    return reverse(f"backoffice:{name}", args=[source.slug, *more])


def test_each_writing_is_a_version_with_its_author(bare: Source, roles: SimpleNamespace) -> None:
    write_mapping(bare, FIRST, roles.moderator, "D’après la proposition")
    version = write_mapping(bare, SECOND, roles.administrator)
    assert version is not None
    assert (version.number, version.rules, version.created_by) == (2, SECOND, roles.administrator)
    assert (bare.mapping, bare.mapping_number) == (SECOND, 2)
    bare.refresh_from_db()
    assert (bare.mapping, bare.mapping_number) == (SECOND, 2)


def test_writing_the_same_rules_makes_no_version(bare: Source, roles: SimpleNamespace) -> None:
    write_mapping(bare, FIRST, roles.moderator)
    assert write_mapping(bare, FIRST, roles.moderator) is None
    assert bare.mapping_versions.count() == 1


def test_rules_older_than_versions_are_kept_as_the_first(source: Source) -> None:
    before = source.mapping
    write_mapping(source, FIRST)
    kept = {v.number: v.rules for v in source.mapping_versions.all()}
    assert kept == {1: before, 2: FIRST}


def test_rules_that_cannot_be_used_are_not_written(bare: Source) -> None:
    with pytest.raises(MappingError):
        write_mapping(bare, [{"target": "titre", "path": "Nom"}])
    bare.refresh_from_db()
    assert bare.mapping == []
    assert not bare.mapping_versions.exists()


def test_restoring_writes_a_new_version_equal_to_the_old(
    bare: Source, roles: SimpleNamespace
) -> None:
    write_mapping(bare, FIRST)
    write_mapping(bare, SECOND)
    version = restore(bare, 1, roles.moderator)
    assert version is not None
    assert (version.number, version.rules, version.note) == (3, FIRST, "Retour à la version 1")
    assert [v.number for v in bare.mapping_versions.all()] == [3, 2, 1]
    with pytest.raises(ObjectDoesNotExist):
        restore(bare, 9, roles.moderator)


def test_the_difference_is_told_field_by_field() -> None:
    told = {c.label: (c.before, c.after) for c in changes(FIRST, SECOND)}
    assert told == {
        "titre": ("Colonne « Nom ».", "Colonne « Titre » ; enlever les balises HTML."),
        "thèmes": ("", "Colonne « Thèmes » ; découper sur le point-virgule."),
    }
    assert changes(FIRST, FIRST) == []


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"target": "licence", "default": "etalab-2.0"}, "Toujours « etalab-2.0 »."),
        (
            {"target": "place", "paths": ["Ville", "Dép.", "Pays"], "default": "France"},
            "Colonnes « Ville », « Dép. » et « Pays » ; à défaut : « France ».",
        ),
        (
            {"target": "year", "path": "d",
             "transforms": [{"op": "regex", "pattern": "a"}, {"op": "year"}]},
            "Colonne « d » ; ne garder que « a » (expression régulière) ; garder l’année.",
        ),
        (
            {"target": "maturity", "path": "m",
             "transforms": [{"op": "map", "values": dict.fromkeys("abcdef", "idee"),
                             "default": ""}]},
            "Colonne « m » ; remplacer « a » → « idee », « b » → « idee », « c » → « idee », "
            "« d » → « idee » et 2 autres valeurs, toute autre valeur → «  ».",
        ),
        (
            {"target": "description", "paths": ["a", "b"],
             "transforms": [{"op": "join", "separator": "\n\n"}]},
            "Colonnes « a » et « b » ; réunir avec une ligne vide.",
        ),
    ],
)  # fmt: skip
def test_a_rule_is_a_sentence(rule: dict, sentence: str) -> None:
    assert described(rule).replace("«  »", "« »") == sentence


def test_the_page_lists_versions_and_brings_one_back(
    moderator: Client, bare: Source, roles: SimpleNamespace
) -> None:
    write_mapping(bare, FIRST, roles.administrator, "Premier essai")
    write_mapping(bare, SECOND, roles.moderator)
    page = moderator.get(where(bare)).content.decode()
    assert "Premier essai" in page
    assert "par Administrateur" in page
    assert "enlever les balises HTML" in page
    response = moderator.post(where(bare, 1))
    assert response.url == where(bare)
    bare.refresh_from_db()
    assert (bare.mapping, bare.mapping_number) == (FIRST, 3)
    assert moderator.post(where(bare, 99)).status_code == 404
    assert moderator.get(where(bare, 1)).status_code == 405


def test_after_a_change_the_records_received_may_be_mapped_again(
    moderator: Client, bare: Source
) -> None:
    editor = reverse("backoffice:source_mapping", args=[bare.slug])
    replay = reverse("backoffice:replay", args=[bare.slug])
    write_mapping(bare, FIRST)
    assert f'action="{replay}"' not in moderator.get(editor).content.decode()
    SourceRecordFactory(source=bare)
    assert f'action="{replay}"' in moderator.get(editor).content.decode()


def test_after_a_version_is_restored_the_records_received_may_be_mapped_again(
    moderator: Client, bare: Source
) -> None:
    replay = reverse("backoffice:replay", args=[bare.slug])
    write_mapping(bare, FIRST)
    write_mapping(bare, SECOND)
    assert f'action="{replay}"' not in moderator.get(where(bare)).content.decode()
    SourceRecordFactory(source=bare)
    page = moderator.post(where(bare, 1), follow=True).content.decode()
    assert f'action="{replay}"' in page


def test_the_list_costs_the_same_for_few_and_many_versions(
    moderator: Client, bare: Source, roles: SimpleNamespace
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert moderator.get(where(bare)).status_code == 200
        return len(captured)

    for n in range(3):
        write_mapping(bare, [{"target": "title", "path": f"Colonne {n}"}], roles.moderator)
    cost()
    few = cost()
    for n in range(20):
        write_mapping(bare, [{"target": "title", "path": f"Autre {n}"}], roles.moderator)
    assert cost() == few <= 15
