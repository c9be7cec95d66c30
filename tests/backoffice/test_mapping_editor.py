"""The mapping editor: rules as a form, both ways, and what it shows of the sample."""

import json
from types import SimpleNamespace
from typing import Any

import lxml.html
import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partners import sampling
from partners.backoffice.editor import draft, operations
from partners.backoffice.editor.cards import GROUPS
from partners.connectors import RawRow
from partners.mapping.rules import parse
from partners.mapping.targets import TARGETS
from partners.models import Source, VocabularyEntry
from tests.factories import SourceRecordFactory, TermFactory

pytestmark = pytest.mark.django_db
ROWS: list[dict[str, Any]] = [
    {"Nom": "Atelier vélo", "Texte": "Des habitants réparent.", "Thèmes": "Ruralité ; Mobilité",
     "Avancement": "En cours", "Lieu": "Lormes", "Page": "https://exemple.fr/1"},
    {"Nom": "Jardin", "Texte": "Un jardin cultivé ensemble.", "Thèmes": "Ruralité",
     "Avancement": "Phase bleue", "Lieu": "Grenoble", "Page": "https://exemple.fr/2"},
    {"Nom": "", "Texte": "Une ligne sans nom.", "Thèmes": "", "Avancement": "Phase bleue",
     "Lieu": "", "Page": "https://exemple.fr/3"},
]  # fmt: skip
RULES: list[dict[str, Any]] = [
    {"target": "title", "path": "Nom", "confidence": 0.95},
    {"target": "description", "path": "Texte"},
    {"target": "maturity", "path": "Avancement"},
    {"target": "themes", "path": "Thèmes", "transforms": [{"op": "split", "separators": [";"]}]},
    {"target": "url", "path": "Page"},
    {"target": "licence", "default": "etalab-2.0"},
]
# Each thing that the mapping language can say.
EVERYTHING: list[dict[str, Any]] = [
    {"target": "title", "paths": ["Nom", "Titre"], "confidence": 0.5,
     "transforms": [{"op": "strip_html"}, {"op": "capitalize"}]},
    {"target": "description", "paths": ["a", "b"],
     "transforms": [{"op": "join", "separator": "\n\n"}]},
    {"target": "summary", "path": "r", "transforms": [{"op": "join"}, {"op": "first"}]},
    {"target": "porteur_name", "path": "p", "transforms": [{"op": "join", "separator": " / "}]},
    {"target": "themes", "path": "t",
     "transforms": [{"op": "split", "separators": ["\n", " + ", ";"]},
                    {"op": "drop", "values": ["Autre", "NC"]}]},
    {"target": "themes", "path": "t2", "transforms": [{"op": "split"}]},
    {"target": "maturity", "path": "m",
     "transforms": [{"op": "map", "values": {"Phase bleue": "idee"}, "default": "deployee"}]},
    {"target": "reach", "path": "p",
     "transforms": [{"op": "map", "values": {"a": "commune"}}], "default": "national"},
    {"target": "hold", "path": "h", "transforms": [{"op": "map", "values": {"oui": True}}]},
    {"target": "year", "path": "d", "transforms": [{"op": "year"}]},
    {"target": "url", "path": "id",
     "transforms": [{"op": "prefix", "value": "https://exemple.fr/"},
                    {"op": "url", "base": "https://exemple.fr"}]},
    {"target": "external_id", "path": "u", "transforms": [{"op": "regex", "pattern": r"(\d+)$"}]},
    {"target": "website", "path": "w",
     "transforms": [{"op": "regex", "pattern": "^http:", "replace": "https:"}, {"op": "url"}]},
    {"target": "partners_text", "path": "x", "transforms": [{"op": "default", "value": "Aucun"}]},
    {"target": "evidence", "path": "refs", "default": [{"document": "Étude"}]},
    {"target": "publics", "path": "pub", "transforms": [{"op": "map", "values": {"x": ""}}]},
    {"target": "methods", "path": "data.tags[].name", "transforms": [{"op": "lower"}]},
    {"target": "latitude", "path": "lat", "transforms": [{"op": "number"}]},
    {"target": "place", "path": "ville", "transforms": [{"op": "place"}]},
    {"target": "licence", "default": "etalab-2.0"},
]  # fmt: skip


@pytest.fixture
def mapped(source: Source, roles: SimpleNamespace) -> Source:
    """A source whose first rows are at hand."""
    Source.objects.filter(pk=source.pk).update(mapping=RULES)
    source.refresh_from_db()
    keep(source, ROWS)
    return source


def keep(source: Source, rows: list[dict[str, Any]]) -> None:
    read = [RawRow(row, f"ligne {n}", external_id=str(n)) for n, row in enumerate(rows, start=2)]
    sample = sampling.Sample(read, len(rows), True, False, timezone.now())
    sampling.keep(source, sample)


def where(source: Source, name: str = "source_mapping") -> str:
    return reverse(f"backoffice:{name}", args=[source.slug])


def sent(page: str, **changed: Any) -> dict[str, Any]:
    """What a browser sends of the editor, with some fields changed."""
    form = lxml.html.document_fromstring(page).get_element_by_id("correspondance")
    found: dict[str, Any] = {}
    for name, value in form.form_values():
        found.setdefault(name, []).append(value)
    return found | changed


def editor(client: Client, source: Source) -> dict[str, Any]:
    return sent(client.get(where(source)).content.decode())


def press(client: Client, source: Source, action: str, **changed: Any) -> str:
    """Press a button of the editor as it stands."""
    data = editor(client, source) | {"action": action} | changed
    response = client.post(where(source), data, follow=True)
    assert response.status_code == 200
    return str(response.content.decode())


def by_target(rules: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {rule["target"]: rule for rule in rules}


def test_every_field_of_the_directory_has_its_place_in_the_form() -> None:
    listed = [target for _, _, targets in GROUPS for target in targets]
    assert sorted(listed) == sorted(TARGETS)


def test_every_operation_of_the_language_has_its_form() -> None:
    from partners.mapping.transforms import OPERATIONS

    assert set(OPERATIONS) <= set(operations.OPERATIONS)


def test_the_form_gives_back_the_rules_it_was_given(moderator: Client, source: Source) -> None:
    assert len(parse(EVERYTHING)) == len(EVERYTHING)
    Source.objects.filter(pk=source.pk).update(mapping=EVERYTHING)
    keep(source, ROWS)
    press(moderator, source, "enregistrer")
    source.refresh_from_db()
    assert source.mapping == EVERYTHING
    # They were there before versions: that is the only one.
    assert source.mapping_versions.count() == 1


def test_what_a_form_cannot_hold_is_kept_as_json() -> None:
    assert operations.key_of({"op": "map", "values": {"oui": True}}) == "json"
    assert operations.key_of({"op": "map", "values": {"x": ""}}) == "json"
    assert operations.key_of({"op": "drop", "values": ["deux\nlignes"]}) == "json"
    assert operations.key_of({"op": "map", "values": {"oui": "Oui"}}) == "map"


def test_a_hostile_form_is_read_without_harm() -> None:
    post = QueryDict(
        "regle=0&regle=x&regle=1&regle=2&r0-cible=title&r0-colonne=Nom&r0-etape=0&r0-e0-op=json"
        "&r0-e0-json={&r0-confiance=abc&r1-cible=inconnue&r2-cible=year&r2-colonne=&r2-etape=1"
        "&r2-e1-op=join&r2-e1-liant=99"
    )
    rules = draft.read(post)
    assert rules == [
        {"target": "title", "path": "Nom"},
        {"target": "year", "transforms": [{"op": "join"}]},
    ]
    assert draft.usable(rules) == [{"target": "title", "path": "Nom"}]
    assert draft.changed(rules, "retirer-regle:9", post) == rules
    assert draft.changed(rules, "monter-etape:0:4", post) == rules


def test_each_card_tells_what_its_rules_make_of_the_rows(moderator: Client, mapped: Source) -> None:
    page = moderator.get(where(mapped)).content.decode()
    assert "Colonne « Nom »." in page
    assert "67 % rempli" in page
    assert "Découper sur le point-virgule" in page.replace("découper", "Découper")
    assert "Toujours « etalab-2.0 »." in page
    assert "Ruralité ; Mobilité" in page
    # The columns are offered with an example and how full they are.
    assert "Lieu – Lormes (67 %)" in page


def test_the_preview_shows_records_what_they_lack_and_what_is_refused(
    moderator: Client, mapped: Source
) -> None:
    page = moderator.post(where(mapped, "mapping_preview"), editor(moderator, mapped))
    text = page.content.decode()
    assert "Atelier vélo" in text
    assert "1 ligne : La fiche n’a pas de titre." in text
    assert "Il manque : lieu reconnu, thème." in text
    assert not mapped.records.exists()


def test_the_preview_follows_the_form_and_asks_the_source_nothing(
    moderator: Client, mapped: Source
) -> None:
    data = editor(moderator, mapped)
    data["r0-colonne"] = ["Texte"]
    text = moderator.post(where(mapped, "mapping_preview"), data).content.decode()
    assert "Une ligne sans nom." in text
    assert "0 refus" in text
    mapped.refresh_from_db()
    # What was typed is nowhere but on the page.
    assert by_target(mapped.mapping)["title"]["path"] == "Nom"


def test_buttons_change_the_draft_and_save_nothing(moderator: Client, mapped: Source) -> None:
    page = press(moderator, mapped, "ajouter-etape:0", **{"r0-nouvelle": "capitalize"})
    assert "Majuscule au début" in page
    page = press(moderator, mapped, "ajouter-champ:lieu",
                 **{"nouveau-lieu": "place", "colonne-lieu": "Lieu"})  # fmt: skip
    assert 'id="champ-place" open' in " ".join(page.split())
    assert "Lormes" in page
    page = press(moderator, mapped, "retirer-regle:2")
    assert 'id="champ-maturity"' not in page
    mapped.refresh_from_db()
    assert mapped.mapping == RULES


def test_steps_are_ordered_and_removed() -> None:
    rules = [{"target": "title", "path": "Nom",
              "transforms": [{"op": "lower"}, {"op": "strip_html"}]}]  # fmt: skip
    post = QueryDict("")
    up = draft.changed(rules, "monter-etape:0:1", post)
    assert [t["op"] for t in up[0]["transforms"]] == ["strip_html", "lower"]
    down = draft.changed(rules, "descendre-etape:0:0", post)
    assert down == up
    assert draft.changed(rules, "retirer-etape:0:0", post)[0]["transforms"] == [
        {"op": "strip_html"}
    ]
    assert [t["op"] for t in rules[0]["transforms"]] == ["lower", "strip_html"]


def test_an_operation_just_added_does_nothing_until_it_is_filled() -> None:
    rule = {"target": "title", "path": "Nom",
            "transforms": [{"op": "regex", "pattern": ""}, {"op": "drop", "values": []},
                           {"op": "map", "values": {}}, {"op": "lower"}]}  # fmt: skip
    assert draft.usable([rule]) == [
        {"target": "title", "path": "Nom", "transforms": [{"op": "lower"}]}
    ]
    assert draft.faults([rule]) == {}


def test_a_fault_is_told_on_its_rule_and_nothing_is_saved(
    moderator: Client, mapped: Source
) -> None:
    data = editor(moderator, mapped) | {
        "r0-etape": ["0"], "r0-e0-op": "regex", "r0-e0-motif": "(", "action": "enregistrer",
    }  # fmt: skip
    response = moderator.post(where(mapped), data)
    page = response.content.decode()
    assert "La correspondance n’est pas enregistrée" in page
    assert 'aria-describedby="r0-fautes"' in page
    assert "Expression régulière illisible." in page
    mapped.refresh_from_db()
    assert mapped.mapping == RULES
    assert not mapped.mapping_versions.exists()


def test_values_that_mean_nothing_are_mapped_from_the_page(
    moderator: Client, mapped: Source
) -> None:
    page = moderator.get(where(mapped)).content.decode()
    assert "Phase bleue" in page
    data = sent(page, action="enregistrer")
    words = data["inconnu-maturity"]
    data["sens-maturity"] = ["idee" if word == "Phase bleue" else "" for word in words]
    moderator.post(where(mapped), data)
    mapped.refresh_from_db()
    assert by_target(mapped.mapping)["maturity"]["transforms"] == [
        {"op": "map", "values": {"Phase bleue": "idee"}}
    ]


def test_a_word_given_a_term_is_decided_for_this_source(moderator: Client, mapped: Source) -> None:
    TermFactory(code="mobilite", label="Mobilité")
    rural = TermFactory(code="milieu-rural", label="Milieu rural")
    page = moderator.get(where(mapped)).content.decode()
    data = sent(page)
    assert data["mot-theme"] == ["Ruralité"]
    data["terme-theme"] = ["theme:milieu-rural"]
    live = moderator.post(where(mapped, "mapping_preview"), data).content.decode()
    assert "Milieu rural" in live
    moderator.post(where(mapped), data | {"action": "enregistrer"})
    entry = VocabularyEntry.objects.get(source=mapped)
    assert (entry.value, entry.is_decided, list(entry.terms.all())) == ("Ruralité", True, [rural])
    assert "mot-theme" not in editor(moderator, mapped)


def test_a_word_set_aside_is_not_asked_again(moderator: Client, mapped: Source) -> None:
    data = sent(moderator.get(where(mapped)).content.decode(), action="enregistrer")
    data["terme-theme"] = ["ignorer"] * len(data["mot-theme"])
    moderator.post(where(mapped), data)
    assert mapped.vocabulary.filter(is_decided=True, terms=None).count() == len(data["mot-theme"])
    assert "mot-theme" not in editor(moderator, mapped)


def test_the_same_rules_are_there_as_json_both_ways(moderator: Client, mapped: Source) -> None:
    data = editor(moderator, mapped)
    assert json.loads(data["mapping"][0]) == RULES
    changed = json.dumps([{"target": "title", "path": "Texte"}])
    page = moderator.post(
        where(mapped), data | {"mapping": changed, "action": "lire-json"}
    ).content.decode()
    assert "Colonne « Texte »." in page
    assert 'id="champ-url"' not in page
    mapped.refresh_from_db()
    assert mapped.mapping == RULES
    moderator.post(where(mapped), data | {"mapping": changed, "action": "enregistrer-json"})
    mapped.refresh_from_db()
    assert mapped.mapping == json.loads(changed)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[{", "erreur ligne 1, colonne"),
        ("{}", "La correspondance est une liste de règles."),
        ('[{"target": "titre", "path": "Nom"}]', "Règle 1 : champ « titre » inconnu."),
        ('[{"target": "title"}]', "Règle 1 : il faut « path »"),
    ],
)
def test_json_that_cannot_be_used_is_kept_on_the_page_with_its_fault(
    moderator: Client, mapped: Source, text: str, said: str
) -> None:
    data = editor(moderator, mapped) | {"mapping": text, "action": "enregistrer-json"}
    page = moderator.post(where(mapped), data).content.decode()
    assert said in page
    area = lxml.html.document_fromstring(page).get_element_by_id("regles-json")
    assert area.value == text
    mapped.refresh_from_db()
    assert mapped.mapping == RULES


def test_htmx_is_led_to_the_page_that_follows(moderator: Client, mapped: Source) -> None:
    data = editor(moderator, mapped) | {"r0-colonne": ["Texte"], "action": "enregistrer"}
    response = moderator.post(where(mapped), data, headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == where(mapped)


def test_records_received_before_serve_as_a_sample(moderator: Client, source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(mapping=RULES)
    SourceRecordFactory(source=source, raw=[ROWS[0]])
    page = moderator.get(where(source)).content.decode()
    assert "Atelier vélo" in page
    assert "1 ligne sous la main" in page


@pytest.mark.usefixtures("short_pauses")
def test_a_source_that_cannot_be_read_again_keeps_its_rules(
    moderator: Client, mapped: Source
) -> None:
    Source.objects.filter(pk=mapped.pk).update(url="http://127.0.0.1:9/projets.csv")
    page = press(moderator, mapped, "relire")
    assert "La source n’a pas pu être lue." in page
    page = press(moderator, mapped, "proposer")
    assert "La source n’a pas pu être lue." in page
    mapped.refresh_from_db()
    assert mapped.mapping == RULES


def test_the_editor_costs_the_same_for_few_and_many_rows(moderator: Client, mapped: Source) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert moderator.get(where(mapped)).status_code == 200
        return len(captured)

    cost()
    few = cost()
    keep(mapped, [row | {"Nom": f"{row['Nom']} {n}"} for n in range(60) for row in ROWS])
    assert cost() == few <= 40


def test_what_a_partner_wrote_is_never_markup(moderator: Client, mapped: Source) -> None:
    keep(mapped, [{"Nom": "<script>alert(1)</script>Titre", "<b>Col</b>": "<img src=x onerror=1>"}])
    page = moderator.get(where(mapped)).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>Col</b>" not in page
