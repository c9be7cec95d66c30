"""The evidence in three facts in the back-office: read for form, told by the team, corrected."""

import re
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from essaimage.evidence_forms import EvidenceForm
from essaimage.keeping import mark
from essaimage.models import Facts
from partners.backoffice.tiles import tasks_for
from tests.factories import FactsFactory, InnovationFactory, ReplicationFactory

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
LIST = "/gestion/essaimage/resultats/"


@pytest.fixture
def officer(roles: SimpleNamespace, client: Client) -> Client:
    client.force_login(roles.essaimage_officer, BACKEND)
    return client


def text(client: Client, where: str) -> str:
    answer = client.get(where)
    assert answer.status_code == 200
    return re.sub(r"[ \n]+", " ", answer.content.decode())


def where(name: str, facts: Facts) -> str:
    return reverse(f"gestion_essaimage:{name}", args=[facts.pk])


def test_what_waits_is_a_tile_then_a_list_then_read(
    officer: Client, roles: SimpleNamespace
) -> None:
    waiting = FactsFactory(
        replication=ReplicationFactory(),
        told_by="repreneur",
        told_name="Régie de quartier",
        publication="a-relire",
        effect_text="Douze familles <i>suivies</i>.",
    )
    other = FactsFactory(effect_text="Déjà publié.")
    for user in (roles.essaimage_officer, roles.moderator):
        assert "résultat de reprise à relire" in [task.label for task in tasks_for(user)]
    assert not [t for t in tasks_for(roles.statistician) if "résultat" in t.label]
    page = text(officer, f"{LIST}?publication=a-relire")
    assert where("facts_one", waiting) in page
    assert where("facts_one", other) not in page
    page = text(officer, where("facts_one", waiting))
    assert "Douze familles &lt;i&gt;suivies&lt;/i&gt;." in page
    assert "La parole d’un côté" in page or "la parole d’un côté" in page
    assert where("facts_edit", waiting) not in page
    assert officer.get(where("facts_edit", waiting)).status_code == 404
    said = {"action": "publiee", "vu": mark(waiting)}
    answer = officer.post(where("facts_decide", waiting), said, follow=True)
    assert "Résultats : publiés." in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.is_public


def test_what_looks_like_someones_own_data_is_pointed_out(officer: Client) -> None:
    said = "Appelez Mme Martin au 06 11 22 33 44."
    facts = FactsFactory(publication="a-relire", told_by="repreneur", effect_text=said)
    page = text(officer, where("facts_one", facts))
    assert "nom d’une personne («\u00a0Mme Martin\u00a0»)" in page
    assert "numéro de téléphone" in page


@pytest.mark.parametrize("of_stop", [True, False])
def test_no_text_of_the_three_facts_names_someone(*, of_stop: bool) -> None:
    texts = dict.fromkeys(("effect_text", "cost_text", "beyond"), "Mme Martin l’a dit.")
    if of_stop:
        texts |= {"stopped_because": "Mme Martin part.", "learnt": "Écouter Mme Martin."}
    form = EvidenceForm(texts | {"effect": "oui"}, of_stop=of_stop)
    assert set(form.errors) >= set(texts)


def test_setting_aside_without_a_reason_or_on_an_old_reading_is_refused(officer: Client) -> None:
    facts = FactsFactory(told_by="repreneur", publication="a-relire")
    seen = mark(facts)
    decide = where("facts_decide", facts)
    answer = officer.post(decide, {"action": "ecartee", "vu": seen})
    assert "Choisissez le motif" in answer.content.decode()
    Facts.objects.filter(pk=facts.pk).update(effect="aucun")
    answer = officer.post(decide, {"action": "ecartee", "vu": seen, "motive": "doublon"})
    assert answer.status_code == 409
    assert "entre-temps" in answer.content.decode()
    for wrong in ({}, {"action": "x", "vu": seen}, {"action": "a-confirmer", "vu": seen}):
        assert officer.post(decide, wrong).status_code in {200, 409}
    facts.refresh_from_db()
    assert facts.publication == "a-relire"


def test_the_team_tells_what_it_knows_and_corrects_it(officer: Client) -> None:
    replication = ReplicationFactory(state="en-cours", journal={"en-cours": "2020"})
    add = f"{LIST}ajouter/?reprise={replication.code}"
    wrong = {"effect": "attendu", "strength": "forte", "reasons": ["suivi"], "months": "12"}
    assert "Une solidité forte repose" in officer.post(add, wrong).content.decode()
    told = wrong | {"reasons": ["suivi", "publiee"]}
    assert officer.post(add, told).status_code == 302
    facts = Facts.objects.get()
    assert (facts.months, facts.is_public, facts.replication) == (12, True, replication)
    page = text(officer, where("facts_edit", facts))
    assert 'value="12"' in page
    seen = re.findall(r'name="vu" value="(\w+)"', page)[0]
    assert officer.post(where("facts_edit", facts), told | {"cost": "10k-50k", "vu": seen})[
        "Location"
    ] == where("facts_one", facts)
    again = officer.post(where("facts_edit", facts), told | {"cost": "plus-1m", "vu": seen})
    assert again.status_code == 409
    facts.refresh_from_db()
    assert facts.cost == "10k-50k"


def test_of_the_origin_from_the_record_and_of_a_stop(officer: Client) -> None:
    innovation = InnovationFactory(published=True)
    add = f"{LIST}ajouter/?innovation={innovation.slug}"
    assert "Pourquoi s’est-elle arrêtée" not in text(officer, add)
    assert officer.post(add, {"effect": "partiel"}).status_code == 302
    assert Facts.objects.get().replication is None
    stopped = ReplicationFactory(
        state="abandonnee", journal={"en-cours": "2019", "abandonnee": "2020"}
    )
    assert "Pourquoi s’est-elle arrêtée" in text(officer, f"{LIST}ajouter/?reprise={stopped.code}")
    for nowhere in ("?reprise=x", "?innovation=x"):
        assert officer.get(f"{LIST}ajouter/{nowhere}").status_code == 404
    assert officer.get(f"{LIST}ajouter/")["Location"] == LIST


def test_what_has_not_begun_is_told(officer: Client) -> None:
    replication = ReplicationFactory(state="envisagee", journal=True)
    add = f"{LIST}ajouter/?reprise={replication.code}"
    answer = officer.post(add, {"effect": "attendu"})
    assert "n’a pas commencé" in answer.content.decode()
    assert not Facts.objects.exists()


def test_the_number_of_queries_does_not_grow(
    officer: Client, django_assert_max_num_queries: object
) -> None:
    for number in (1, 5):
        for _ in range(number):
            FactsFactory(replication=ReplicationFactory())
        with django_assert_max_num_queries(6):  # type: ignore[operator]
            officer.get(LIST)
