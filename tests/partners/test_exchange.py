"""What staff manages goes out and comes in: told line by line, applied as one act, taken back."""

import datetime
import io
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from innovations.licences import Licence
from innovations.models import Innovation, Term
from partners import retention
from partners.exchange import KINDS, Refused, importing, sheets
from partners.exchange.importing import Outcome
from partners.exchange.wording import Wording
from partners.models import Import, Pair, Partner, Verdict, VocabularyEntry
from partners.publishing import publish_records
from tests.factories import (
    PartnerFactory,
    SourceFactory,
    SourceRecordFactory,
    TermFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def given(kind: str, content: bytes, name: str = "tableau.csv") -> Import:
    rows = sheets.read(SimpleUploadedFile(name, content), KINDS[kind].columns)
    return Import.objects.create(kind=kind, name=name, rows=rows, author=UserFactory())


def outcomes(made: Import) -> list[Outcome]:
    return [line.outcome for line in importing.plan(made)]


def exported(kind: str) -> bytes:
    return sheets.csv_of(KINDS[kind].columns, KINDS[kind].rows())


@pytest.fixture
def moderator(roles: SimpleNamespace, client: Client) -> Client:
    client.force_login(roles.moderator, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def world() -> None:
    parent = TermFactory(code="alimentation", label="Alimentation", description="=1+1")
    term = TermFactory(code="epicerie", label="Épicerie", parent=parent)
    term.synonyms.create(label="magasin", key="magasin")
    source = SourceFactory(slug="fiches", partner=PartnerFactory(name="Les Ateliers"))
    values = {"title": "Panier", "summary": "Vendre.", "words": {"theme": ["Boutique"]}}
    first = SourceRecordFactory(source=source, external_id="a", values=values)
    second = SourceRecordFactory(source=source, external_id="b", values={"title": "Autre"})
    publish_records([first, second])
    Pair.objects.create(first=first, second=second, score=0.8, proposed=Verdict.SAME)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_export_imported_again_changes_nothing(kind: str, world: None) -> None:
    made = given(kind, exported(kind))
    assert made.rows
    assert set(outcomes(made)) == {Outcome.SAME}
    book = sheets.xlsx_of(KINDS[kind].columns, KINDS[kind].rows(), "Tableau")
    assert set(outcomes(given(kind, book, "tableau.xlsx"))) == {Outcome.SAME}


def test_nothing_that_goes_out_is_run_by_a_spreadsheet(world: None) -> None:
    assert b";'=1+1;" in exported("taxonomie")
    content = sheets.xlsx_of(KINDS["taxonomie"].columns, KINDS["taxonomie"].rows(), "Termes")
    cells = [c.value for row in load_workbook(io.BytesIO(content)).active.iter_rows() for c in row]
    assert not any(isinstance(c, str) and c.startswith("=") for c in cells)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_files_are_read_as_french_spreadsheets_write_them(encoding: str, delimiter: str) -> None:
    lines = [["Vocabulaire", "Code", "Libelle"], ["theme", "epicerie", "Épicerie d’été"]]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    made = given("taxonomie", text.encode(encoding))
    assert made.rows == [{"vocabulaire": "theme", "code": "epicerie", "libelle": "Épicerie d’été"}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b"a;b\r\n1;2", "colonnes"),
        (b"PK\x03\x04abc", "illisible"),
        (b"code\r\n" + b"x\r\n" * 5001, "5000 lignes"),
    ],
)
def test_a_file_that_is_no_such_table_is_told(content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        given("taxonomie", content)


def test_the_rehearsal_tells_each_line_and_writes_nothing(world: None) -> None:
    table = """vocabulaire;code;libelle;domaine
theme;epicerie;Épicerie sociale;alimentation
theme;nouveau;Nouveau;alimentation
theme;autre;Autre;inconnu
couleur;bleu;Bleu;
theme;epicerie;Deux fois;
"""
    made = given("taxonomie", table.encode())
    lines = importing.plan(made)
    assert [line.outcome for line in lines] == [
        Outcome.CHANGED, Outcome.CREATED, Outcome.REFUSED, Outcome.REFUSED, Outcome.REFUSED,
    ]  # fmt: skip
    assert ("libelle", "Épicerie", "Épicerie sociale") in lines[0].changes
    assert lines[2].reason == "Le domaine « inconnu » n’existe pas."
    assert not Term.objects.filter(code="nouveau").exists()
    assert Term.objects.get(code="epicerie").label == "Épicerie"


def test_the_rehearsal_is_kept_with_the_import_and_done_again_when_asked(
    world: None, moderator: Client
) -> None:
    table = "vocabulaire;code;libelle\ntheme;epicerie;Magasin social\ntheme;autre;Autre\n"
    start = reverse("backoffice:import_start", args=["taxonomie"])
    file = SimpleUploadedFile("termes.csv", table.encode())
    page = moderator.post(start, {"file": file}).url
    assert "Magasin social" in moderator.get(page).content.decode()
    made = Import.objects.get()
    assert importing.lines_of(made) == importing.plan(made)
    Term.objects.filter(code="epicerie").update(label="Magasin social")
    assert ">Épicerie</del>" in moderator.get(page).content.decode()
    moderator.post(reverse("backoffice:import_rehearse", args=[made.pk]))
    assert ">Épicerie</del>" not in moderator.get(page).content.decode()


def test_an_import_too_long_to_be_waited_for_writes_nothing_and_says_so(
    world: None, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = given("taxonomie", b"vocabulaire;code;libelle\ntheme;nouveau;Nouveau\n")
    monkeypatch.setattr(importing, "SECONDS", -1)
    for name in ("import_rehearse", "import_confirm"):
        where = reverse(f"backoffice:{name}", args=[made.pk])
        page = moderator.post(where, follow=True).content.decode()
        assert "Partagez le fichier" in page
    made.refresh_from_db()
    assert (made.state, made.told_at) == ("a-confirmer", None)
    assert not Term.objects.filter(code="nouveau").exists()


def test_an_old_import_loses_what_it_held(world: None, moderator: Client) -> None:
    made, person = given("taxonomie", exported("taxonomie")), UserFactory()
    importing.rehearse(made)
    importing.apply(made, author=person)
    recent = given("taxonomie", exported("taxonomie"))
    long_ago = timezone.now() - datetime.timedelta(days=91)
    Import.objects.filter(pk=made.pk).update(created_at=long_ago)
    assert retention.apply().imports == 1
    made.refresh_from_db()
    assert (made.rows, made.told, made.done, made.name) == ([], [], [], "tableau.csv")
    assert importing.undo(made, author=person) == []
    page = moderator.get(reverse("backoffice:import", args=[made.pk])).content.decode()
    assert "ne s’annule plus" in page
    assert "Annuler cet import" not in page
    assert Import.objects.get(pk=recent.pk).rows


def test_an_import_is_applied_once_and_taken_back_whole(world: None) -> None:
    before = exported("taxonomie")
    table = "vocabulaire;code;libelle\ntheme;epicerie;Magasin social\ntheme;nouveau;Nouveau\n"
    made, person = given("taxonomie", table.encode()), UserFactory()
    importing.apply(made, author=person)
    assert Term.objects.get(code="epicerie").label == "Magasin social"
    assert importing.apply(made, author=person) == []
    made.refresh_from_db()
    assert len(made.done) == 2
    assert importing.undo(made, author=person) == []
    assert Term.objects.get(code="nouveau").is_active is False
    Term.objects.filter(code="nouveau").delete()
    assert exported("taxonomie").splitlines()[1:2] == before.splitlines()[1:2]
    assert Term.objects.get(code="epicerie").label == "Épicerie"


def test_what_someone_changed_since_is_left_as_it_is(world: None) -> None:
    table = "vocabulaire;code;libelle\ntheme;epicerie;Magasin social\n"
    made, person = given("taxonomie", table.encode()), UserFactory()
    importing.apply(made, author=person)
    Term.objects.filter(code="epicerie").update(label="Écrit depuis")
    (left,) = importing.undo(made, author=person)
    assert "laissé tel quel" in left
    assert Term.objects.get(code="epicerie").label == "Écrit depuis"


def test_words_decided_in_a_table_reach_their_records_and_leave_them_again(world: None) -> None:
    table = "source;vocabulaire;mot;termes;decide\nfiches;theme;Boutique;theme:epicerie;oui\n"
    made, person = given("mots", table.encode()), UserFactory()
    importing.apply(made, author=person)
    panier = Innovation.objects.get(title="Panier")
    assert [t.code for t in panier.terms.all()] == ["epicerie"]
    made.refresh_from_db()
    importing.undo(made, author=person)
    assert not panier.terms.exists()
    assert not VocabularyEntry.objects.get(value="Boutique").is_decided


def test_partners_come_in_at_the_first_step_and_only_their_words_change(world: None) -> None:
    known = Partner.objects.get(name="Les Ateliers")
    table = f"""identifiant;nom;nature;site_web;etape
{known.slug};Les Ateliers;fondation;{known.website};Parti
;Nouvelle;associatif;https://nouvelle.example.org;En ligne
;Sans site;associatif;;
"""
    made, person = given("partenaires", table.encode()), UserFactory()
    assert outcomes(made) == [Outcome.CHANGED, Outcome.CREATED, Outcome.REFUSED]
    importing.apply(made, author=person)
    known.refresh_from_db()
    assert (known.kind, known.step) == ("fondation", "en-ligne")
    assert Partner.objects.get(name="Nouvelle").step == "contact"
    made.refresh_from_db()
    importing.undo(made, author=person)
    assert not Partner.objects.filter(name="Nouvelle").exists()


def test_decisions_on_pairs_come_in_and_are_taken_back(world: None) -> None:
    table = "source_1;fiche_1;source_2;fiche_2;verdict;motif\nfiches;b;fiches;a;meme;Même projet\n"
    made, person = given("rapprochements", table.encode()), UserFactory()
    importing.apply(made, author=person)
    assert Pair.objects.get().verdict == Verdict.SAME
    assert Innovation.objects.filter(merged_into__isnull=False).count() == 1
    made.refresh_from_db()
    importing.undo(made, author=person)
    assert Pair.objects.get().verdict == ""
    assert not Innovation.objects.filter(merged_into__isnull=False).exists()


def test_what_an_import_would_change_is_told_in_words(world: None) -> None:
    partner = Partner.objects.get(name="Les Ateliers")
    table = f"identifiant;nom;licence\n{partner.slug};Les Ateliers;cc0-1.0\n"
    (line,) = importing.plan(given("partenaires", table.encode()))
    assert list(Wording().changes(line)) == [
        ("Licence de ses fiches", Licence.UNKNOWN.label, Licence.CC0.label)
    ]
    head = "vocabulaire;code;libelle;domaine;synonymes"
    table = f"{head}\ntheme;etal;Halle;alimentation;comptoir|marche\n"
    (line,) = importing.plan(given("taxonomie", table.encode()))
    told = {label: after for label, _, after in Wording().changes(line)}
    assert told["Domaine"] == "Alimentation"
    assert set(told["Synonymes"].split(", ")) == {"comptoir", "marche"}
    assert told["Libellé"] == "Halle"
