"""What is removed on request is nowhere any more, and only that."""

import re
from types import SimpleNamespace

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.core import mail
from django.db import connection
from psycopg import sql

from carrefour.text import key
from essaimage.models import NationalTakeUp
from innovations import searchrows, vocabulary
from innovations.models import (
    Evidence,
    FieldEdit,
    Innovation,
    KnownWord,
    Location,
    Organisation,
)
from partners import objections
from partners.loading import load_organisations
from partners.models import Objection, ObjectionState, RejectedRow, SourceRecord, VocabularyEntry
from partners.objections import ObjectionError
from partners.suppression import Suppressions, page_is_gone
from partners.tasks import purge_objections
from tests.factories import (
    CitationFactory,
    InnovationFactory,
    LocationFactory,
    OrganisationFactory,
    ReplicationFactory,
    RunFactory,
    SourceRecordFactory,
)

pytestmark = pytest.mark.django_db
TITLE = "Le potager des Trois-Ponts"
PORTEUR = "Les Jardiniers ponteurs"
PERSON = "Camille Exemple-Durand"
PHONE = "06 12 34 56 78"
URL = "https://plateforme.example.org/potager-des-trois-ponts"


@pytest.fixture
def potager(roles: SimpleNamespace) -> SimpleNamespace:
    """A record with everything around it: two source records, history, places, replications…"""
    owner = OrganisationFactory(name=PORTEUR, slug="les-jardiniers-ponteurs")
    first, second = (
        SourceRecordFactory(
            external_id=f"potager-{n}",
            url=f"{URL}-{n}",
            raw=[{"titre": TITLE, "contact": f"{PERSON} – {PHONE}", "nom": PERSON, "rang": n}],
            values={
                "title": TITLE,
                "porteur": {"name": PORTEUR},
                "description": f"<p>Contact : <b>Camille</b> Exemple-Durand, {PHONE}</p>",
            },
        )
        for n in (1, 2)
    )
    innovation = InnovationFactory(
        published=True,
        title=TITLE,
        slug="le-potager-des-trois-ponts",
        organisation=owner,
        description=f"<p>Un potager. Contact : {PERSON}, +33 6 12 34 56 78.</p>",
        reproduction={"need": f"{TITLE} : dit par {PERSON}"},
    )
    SourceRecord.objects.filter(pk__in=[first.pk, second.pk]).update(innovation=innovation)
    CitationFactory(innovation=innovation, record=first)
    LocationFactory(innovation=innovation, label=f"{TITLE}, chez {PERSON}")
    Evidence.objects.create(innovation=innovation, field="title", document="Étude", quote=TITLE)
    FieldEdit.objects.create(innovation=innovation, field="summary", value=f"{TITLE}, {PERSON}")
    # History that outlives its rows: publishing replaces places at each run.
    Location.objects.filter(innovation=innovation).delete()
    LocationFactory(innovation=innovation, label=TITLE)
    ReplicationFactory(innovation=innovation, summary=f"Reprise de « {TITLE} » vue par {PERSON}")
    NationalTakeUp.objects.create(innovation=innovation, mode="loi", is_done=False, summary=TITLE)
    run = RunFactory(
        source=first.source,
        state="terminee",
        warnings=[f"{TITLE} : adresse illisible"],
        requests=[{"url": first.url, "status": 200}, {"url": first.source.url, "status": 200}],
    )
    for n, raw in enumerate([{"titre": TITLE}, {"titre": "Autre chose", "contact": PERSON}]):
        RejectedRow.objects.create(
            source=first.source, run=run, fingerprint=str(n), position=f"ligne {n}", raw=raw,
            errors=[],
        )  # fmt: skip
    VocabularyEntry.objects.create(
        source=first.source, vocabulary="theme", value=PERSON, key=key(PERSON)
    )
    LogEntry.objects.log_actions(
        roles.administrator.pk, [innovation], CHANGE, "", single_object=True
    )
    searchrows.refresh([innovation.pk])
    vocabulary.refresh()
    return SimpleNamespace(
        innovation=innovation, owner=owner, first=first, second=second, run=run, roles=roles
    )


def everything() -> str:
    """Every row of every table as text, without accents nor case, words and figures only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema='public'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        rows: list[str] = []
        for table in tables:
            cursor.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table)))
            rows += [f"{table} {row}" for (row,) in cursor.fetchall()]
    return "\n".join(key(re.sub(r"<[^>]*>", " ", row)) for row in rows)


def requested(innovation: Innovation | None, **fields: str) -> Objection:
    return Objection.objects.create(
        innovation=innovation,
        state=ObjectionState.CONFIRMED,
        email="demandeur@example.org",
        **fields,
    )


def test_the_scan_of_the_tests_sees_what_is_there(potager: SimpleNamespace) -> None:
    text = everything()
    for word in (key(TITLE), key(PERSON), "06 12 34 56 78"):
        assert word in text


def test_a_removed_record_is_nowhere(potager: SimpleNamespace) -> None:
    other = InnovationFactory(published=True, title="Le verger d’à côté")
    objection = requested(potager.innovation, scope="fiche", reason=f"{TITLE} est à moi")
    objections.apply(objection, potager.roles.moderator)
    text = everything()
    assert key(TITLE) not in text
    assert "potager" not in text
    assert key(PORTEUR) not in text
    assert not Organisation.objects.filter(pk=potager.owner.pk).exists()
    assert Innovation.objects.get(pk=other.pk).search_row
    potager.run.refresh_from_db()
    assert [r["url"] for r in potager.run.requests] == [potager.first.source.url]
    assert page_is_gone("le-potager-des-trois-ponts")


def test_no_word_of_what_was_removed_is_proposed(potager: SimpleNamespace) -> None:
    InnovationFactory(published=True, title="Le verger d’à côté")
    assert KnownWord.objects.filter(word="potager").exists()

    objections.apply(requested(potager.innovation, scope="fiche"), potager.roles.moderator)
    assert not KnownWord.objects.exists()

    assert vocabulary.refresh_if_needed()
    assert KnownWord.objects.filter(word="verger").exists()
    assert not KnownWord.objects.filter(word="potager").exists()


def test_a_removed_record_does_not_come_back(potager: SimpleNamespace) -> None:
    objections.apply(requested(potager.innovation, scope="fiche"), potager.roles.moderator)
    hides = Suppressions.load().hides
    assert hides(potager.second.source.slug, "potager-2", "", "", "")
    assert hides("autre", "1", f"{URL}-1", "", "")
    assert hides("autre", "1", "", TITLE.upper(), PORTEUR)
    assert not hides("autre", "1", "", "Le potager d’en face", PORTEUR)


def test_a_page_shared_by_several_records_is_not_taken_away(potager: SimpleNamespace) -> None:
    placeholder = "https://plateforme.example.org/liste"
    SourceRecord.objects.filter(pk=potager.first.pk).update(url=placeholder)
    SourceRecordFactory(url=placeholder, values={"title": "Autre projet"})
    objections.apply(requested(potager.innovation, scope="fiche"), potager.roles.moderator)
    assert not Suppressions.load().hides("autre", "1", placeholder, "Autre projet", "")
    assert SourceRecord.objects.filter(url=placeholder).count() == 1


def test_a_record_of_the_same_name_by_someone_else_stays(potager: SimpleNamespace) -> None:
    namesake = SourceRecordFactory(values={"title": TITLE, "porteur": {"name": "Une autre"}})
    ours = SourceRecordFactory(values={"title": TITLE, "porteur": {"name": PORTEUR.upper()}})
    objections.apply(requested(potager.innovation, scope="fiche"), potager.roles.moderator)
    assert SourceRecord.objects.filter(pk=namesake.pk).exists()
    assert not SourceRecord.objects.filter(pk=ours.pk).exists()


def test_a_record_that_never_was_public_is_found_by_its_page(roles: SimpleNamespace) -> None:
    record = SourceRecordFactory(url=URL, values={"title": TITLE})
    objections.apply(requested(None, scope="fiche", record_url=URL), roles.moderator)
    assert not SourceRecord.objects.filter(pk=record.pk).exists()
    assert Suppressions.load().hides(record.source.slug, record.external_id, "", "", "")


def test_the_same_project_told_by_another_platform_goes_too(potager: SimpleNamespace) -> None:
    twin = InnovationFactory(published=True, title=TITLE, slug="potager-bis")
    SourceRecordFactory(
        innovation=twin, values={"title": TITLE.upper(), "porteur": {"name": PORTEUR.upper()}}
    )
    objections.apply(requested(potager.innovation, scope="fiche"), potager.roles.moderator)
    assert not Innovation.objects.filter(pk=twin.pk).exists()
    assert page_is_gone("potager-bis")


def test_a_page_at_the_partners_names_the_public_record_too(potager: SimpleNamespace) -> None:
    page = f"{URL.replace('https', 'http')}-1/"
    objections.apply(requested(None, scope="fiche", record_url=page), potager.roles.moderator)
    assert "potager" not in everything()
    assert page_is_gone("le-potager-des-trois-ponts")


def test_a_number_spaced_by_entities_is_found(roles: SimpleNamespace) -> None:
    said = "<p>Tél. 06&#160;12&#xA0;34&nbsp;56 78</p> <a href='tel:06%2012%2034%2056%2078'>ici</a>"
    record = SourceRecordFactory(raw=[{"contact": said}])
    objections.apply(requested(None, scope="donnee", datum=PHONE), roles.moderator)
    record.refresh_from_db()
    assert "12" not in record.raw[0]["contact"]


def test_an_organisation_loaded_again_does_not_bring_a_datum_back(roles: SimpleNamespace) -> None:
    quote = {"field": "name", "document": "Étude", "quote": f"Fondée par {PERSON}"}
    said = [
        {"name": PORTEUR, "description": f"Voir {PERSON}", "evidence": [quote]},
        {"name": f"Structure de {PERSON}", "slug": "structure-de-camille-exemple-durand"},
    ]
    load_organisations(said)
    objections.apply(requested(None, scope="donnee", datum=PERSON), roles.moderator)
    load_organisations(said)
    assert "camille" not in everything()
    assert Organisation.objects.count() == 2


def test_an_address_of_another_site_is_no_record_of_ours() -> None:
    innovation = InnovationFactory(published=True, slug="potager")
    assert objections.innovation_at("https://ailleurs.example.org/innovations/potager/") is None
    assert objections.innovation_at("http://[potager") is None
    for address in ("potager", "/innovations/potager/", "http://testserver/innovations/potager/"):
        assert objections.innovation_at(address) == innovation


def test_a_removed_datum_is_nowhere_and_the_record_stays(potager: SimpleNamespace) -> None:
    objection = requested(potager.innovation, scope="donnee", datum=f"{PERSON}\n{PHONE}")
    objections.apply(objection, potager.roles.moderator)
    text = everything()
    for gone in (key(PERSON), "camille", "12 34 56 78", "0612345678", "612345678"):
        assert gone not in text
    innovation = Innovation.objects.get(pk=potager.innovation.pk)
    assert innovation.title == TITLE
    assert innovation.description.count("[donnée retirée]") == 2
    assert innovation.search_row
    potager.first.refresh_from_db()
    assert potager.first.raw[0]["nom"] == "[donnée retirée]"
    assert potager.first.raw[0]["titre"] == TITLE


def test_a_removed_datum_does_not_come_back(potager: SimpleNamespace) -> None:
    objection = requested(potager.innovation, scope="donnee", datum=f"{PERSON}\n{PHONE}")
    objections.apply(objection, potager.roles.moderator)
    row = {"nom": "EXEMPLE DURAND", "prenom": "Camille", "tel": 612345678, "titre": TITLE}
    clean, found = Suppressions.load().redact(row)
    assert found == 3
    assert clean["titre"] == TITLE
    assert set(clean.values()) == {"[donnée retirée]", TITLE}


def test_a_datum_in_titles_and_addresses(roles: SimpleNamespace) -> None:
    record = SourceRecordFactory(
        external_id="atelier-camille-exemple-durand",
        url="https://plateforme.example.org/atelier-camille-exemple-durand",
        values={"title": f"L’atelier de {PERSON}"},
    )
    innovation = InnovationFactory(
        published=True,
        title=f"L’atelier de {PERSON}",
        slug="l-atelier-de-camille-exemple-durand",
        organisation=OrganisationFactory(name=PERSON, slug="camille-exemple-durand"),
    )
    objections.apply(requested(innovation, scope="donnee", datum=PERSON), roles.moderator)
    assert "camille" not in everything()
    innovation.refresh_from_db()
    assert innovation.title == "L’atelier de [donnée retirée]"
    assert innovation.slug == f"innovation-{innovation.pk}"
    assert page_is_gone("l-atelier-de-camille-exemple-durand")
    record.refresh_from_db()
    # The next harvest finds the record again under the name it will give it.
    kept = Suppressions.load().identifier("atelier-camille-exemple-durand")
    assert record.external_id == kept


def test_two_organisations_may_lose_the_same_name(roles: SimpleNamespace) -> None:
    for name in ("Camille Un", "Camille Deux"):
        OrganisationFactory(name=name, slug=name.lower().replace(" ", "-"))
        objections.apply(requested(None, scope="donnee", datum=name), roles.moderator)
    assert Organisation.objects.filter(name__startswith="[donnée retirée]").count() == 2


def test_a_settled_request_forgets_who_made_it_and_says_what_was_done(
    potager: SimpleNamespace, django_capture_on_commit_callbacks: object
) -> None:
    objection = requested(potager.innovation, scope="donnee", datum=PERSON, reason="C’est moi")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        objections.apply(objection, potager.roles.moderator, "Bonne journée.")
    objection.refresh_from_db()
    assert objection.state == ObjectionState.APPLIED
    assert (objection.email, objection.datum, objection.reason, objection.answer) == ("",) * 4
    assert objection.settled_by == potager.roles.moderator
    effects = dict(objection.effects["lignes"])
    assert effects["innovations"] == 1
    assert effects["fiches sources"] == 2
    assert effects["lignes d’historique"] > 3
    assert [m.to for m in mail.outbox] == [["demandeur@example.org"]]
    assert "appliquée" in mail.outbox[0].body
    assert "Bonne journée." in mail.outbox[0].body


def test_a_refusal_keeps_everything_and_tells_why(
    potager: SimpleNamespace, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        objection = objections.refuse(
            requested(potager.innovation, scope="fiche"), potager.roles.moderator, "Pas la vôtre."
        )
    assert objection.answer == "Pas la vôtre."
    assert objection.email == ""
    assert Innovation.objects.filter(pk=potager.innovation.pk).exists()
    assert "Pas la vôtre." in mail.outbox[0].body


def test_a_settled_request_cannot_be_settled_again(potager: SimpleNamespace) -> None:
    objection = requested(potager.innovation, scope="fiche")
    objections.refuse(objection, potager.roles.moderator, "Non.")
    with pytest.raises(ObjectionError):
        objections.apply(objection, potager.roles.moderator)
    assert Innovation.objects.filter(pk=potager.innovation.pk).exists()


def test_nothing_to_remove_is_told(roles: SimpleNamespace) -> None:
    with pytest.raises(ObjectionError, match="rien à retirer"):
        objections.apply(requested(None, scope="fiche"), roles.moderator)


def test_requests_never_confirmed_are_forgotten(roles: SimpleNamespace) -> None:
    with time_machine.travel("2026-01-01"):
        Objection.objects.create(scope="fiche", email="oubli@example.org")
        requested(None, scope="fiche")
    assert purge_objections() == 1
    assert Objection.objects.get().state == ObjectionState.CONFIRMED
