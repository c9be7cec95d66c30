"""The committed content: taxonomy and initial data set say nothing twice, nothing unproven."""

import re
from collections import Counter
from typing import Any

import pytest

from carrefour.text import key
from essaimage.models import DiffusionForm, Extent, NationalMode, ReplicationState
from innovations.models import LegalForm, Maturity, Nature, OrganisationRole, Reach
from innovations.record_page import ALIASES, LABELS
from tests.content.files import CODES, DIFFUSION, PARTNERS, ROOT, STUDY, TABLES, TAXONOMY

RECORDS: list[dict[str, Any]] = STUDY["records"]
ORGANISATIONS: list[dict[str, Any]] = STUDY["organisations"]
DOCUMENTS = {document["title"] for document in STUDY["source"]["documents"]}
# A field that is filled needs a quoted phrase; descriptions and summaries are told from the others.
PROVEN = ("nature", "year", "website", "website_as_printed", "maturity", "reach")
PROVEN_LISTS = ("themes", "publics", "methods", "territories")
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w")
TELEPHONE = re.compile(r"(?<!\d)(?:\+33|0)\s?[1-9](?:[ .-]?\d{2}){4}(?!\d)")


def slug(entry: dict[str, Any]) -> str:
    return str(entry.get("slug") or entry.get("code"))


def test_every_field_that_the_study_proves_has_a_name_in_french() -> None:
    named = {e["field"] for entry in [*RECORDS, *ORGANISATIONS] for e in entry.get("evidence", [])}
    assert len(named) > 10
    known = LABELS.keys() | ALIASES.keys() | {n.rpartition(".")[2] for n in LABELS}
    assert named - known == set()


@pytest.mark.parametrize("table", TABLES)
def test_a_written_form_belongs_to_one_term(table: str) -> None:
    owners: dict[str, set[str]] = {}
    for term in TAXONOMY[table]:
        for form in (term["label"], term["code"], *term["synonyms"]):
            owners.setdefault(key(form), set()).add(term["code"])
    assert {form: codes for form, codes in owners.items() if len(codes) > 1} == {}
    assert "" not in owners


@pytest.mark.parametrize("table", TABLES)
def test_a_term_repeats_no_synonym(table: str) -> None:
    repeated = {
        term["code"]: form
        for term in TAXONOMY[table]
        for form, times in Counter(key(s) for s in term["synonyms"]).items()
        if times > 1
    }
    assert repeated == {}


def test_codes_are_unique_across_vocabularies() -> None:
    times = Counter(term["code"] for table in TABLES for term in TAXONOMY[table])
    assert [code for code, n in times.items() if n > 1] == []
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in times)


def test_themes_have_two_levels() -> None:
    domains = {t["code"] for t in TAXONOMY["themes"] if not t.get("parent")}
    assert 14 <= len(domains) <= 16
    assert {t["parent"] for t in TAXONOMY["themes"] if t.get("parent")} == domains


@pytest.mark.parametrize("table", TABLES)
def test_a_historical_code_leads_to_one_term(table: str) -> None:
    times = Counter(c for term in TAXONOMY[table] for c in term.get("cis_codes", []))
    assert [code for code, n in times.items() if n > 1] == []


def test_the_dustbin_code_and_the_wrong_label_are_gone() -> None:
    by_code = {c: t["label"] for t in TAXONOMY["themes"] for c in t.get("cis_codes", [])}
    assert by_code["v1:COH"] == "Solidarités"
    assert by_code["v1:ENE"] == "Énergie"
    assert "v1:AUT" not in by_code


def test_terms_fit_their_columns() -> None:
    for table in TABLES:
        for term in TAXONOMY[table]:
            assert term["description"], term["code"]
            assert len(term["code"]) <= 60
            assert len(term["label"]) <= 120
            assert all(len(s) <= 160 for s in term["synonyms"])


def test_the_study_gives_fourteen_projects_and_four_pilots() -> None:
    identifiers = [r["external_id"] for r in RECORDS]
    assert identifiers == [f"etude-2017-{n:02}" for n in range(1, 15)] + [
        f"etude-2017-pilote-{n}" for n in range(1, 5)
    ]
    assert [r["external_id"] for r in RECORDS if not r["published"]] == ["etude-2017-14"]


def test_the_study_gives_its_support_bodies_and_collectivites() -> None:
    roles = Counter(role for o in ORGANISATIONS for role in o["roles"])
    assert roles["porteur"] == 18
    assert roles["accompagnateur"] == 6
    assert roles["collectivite"] == 3


@pytest.mark.parametrize("entries", [RECORDS, ORGANISATIONS, DIFFUSION["replications"]])
def test_identifiers_are_unique(entries: list[dict[str, Any]]) -> None:
    assert [s for s, n in Counter(map(slug, entries)).items() if n > 1] == []


@pytest.mark.parametrize(
    "entry",
    [*RECORDS, *ORGANISATIONS, *DIFFUSION["replications"], *DIFFUSION["national_take_ups"]]
    + DIFFUSION["statements"],
    ids=lambda e: str(e.get("slug") or e.get("code") or e.get("innovation")),
)
def test_every_fact_cites_document_section_and_phrase(entry: dict[str, Any]) -> None:
    assert entry["evidence"]
    for evidence in entry["evidence"]:
        assert evidence["document"] in DOCUMENTS
        assert evidence["section"]
        assert evidence["quote"].strip() == evidence["quote"] != ""
        assert len(evidence["quote"]) <= 300
        assert len(evidence.get("page", "")) <= 20


@pytest.mark.parametrize("record", RECORDS, ids=slug)
def test_a_filled_field_is_proven(record: dict[str, Any]) -> None:
    proven = {evidence["field"] for evidence in record["evidence"]}
    if not record["published"]:
        assert {f["code"] for f in record["flags"]} == {"fiche-a-verifier"}
        return
    filled = {f for f in (*PROVEN, *PROVEN_LISTS) if record.get(f)}
    filled |= {"title", "porteur", "description", *record.get("reproduction", {})}
    if record["diffusion"]["status"] != "non-renseignee":
        filled.add("diffusion")
    assert filled - proven == set()


@pytest.mark.parametrize("record", RECORDS, ids=slug)
def test_a_record_uses_known_values(record: dict[str, Any]) -> None:
    for table in TABLES:
        assert set(record[table]) <= CODES[table]
    assert record["nature"] in Nature.values
    assert record.get("maturity", "idee") in Maturity.values
    assert record.get("reach", "commune") in Reach.values
    assert record["porteur"]["kind"] in {"", *LegalForm.values}
    assert record["porteur"]["organisation"] in {o["slug"] for o in ORGANISATIONS}


@pytest.mark.parametrize("organisation", ORGANISATIONS, ids=slug)
def test_an_organisation_uses_known_values(organisation: dict[str, Any]) -> None:
    assert set(organisation["roles"]) <= set(OrganisationRole.values)
    assert organisation["legal_form"] in {"", *LegalForm.values}
    assert organisation["name"]


def test_diffusion_speaks_of_known_projects_and_bodies() -> None:
    projects = {r["slug"] for r in RECORDS if r["published"]}
    bodies = {o["slug"] for o in ORGANISATIONS}
    facts = [fact for name in ("replications", "national_take_ups", "statements")
             for fact in DIFFUSION[name]]  # fmt: skip
    assert {fact["innovation"] for fact in facts} <= projects
    for replication in DIFFUSION["replications"]:
        assert set(replication.get("partners", [])) <= bodies
        assert replication["state"] in {ReplicationState.ENVISAGEE, ReplicationState.EN_PREPARATION}
        assert set(replication.get("forms", [])) <= set(DiffusionForm.values)
        assert replication.get("extent", "infraregionale") in Extent.values
    assert {t["mode"]: t["is_done"] for t in DIFFUSION["national_take_ups"]} == {
        NationalMode.DISPOSITIF: True,
        NationalMode.LOI: True,
        NationalMode.PROGRAMME: False,
    }


def test_no_content_file_holds_an_e_mail_or_a_telephone() -> None:
    folders = [ROOT / "innovations/data", ROOT / "partners/data", ROOT / "essaimage/data"]
    files = [p for folder in [*folders, ROOT / "carrefour/demo/sites"] for p in folder.rglob("*")]
    guilty = []
    for path in [*files, ROOT / "carrefour/demo/partners.toml"]:
        if path.is_file() and path.suffix not in {".xlsx", ".webp"}:
            encoding = (
                "windows-1252" if path.suffix == ".csv" and "sites" in path.parts else "utf-8"
            )
            text = path.read_text(encoding=encoding)
            guilty += [(path.name, m.group()) for m in E_MAIL.finditer(text)]
            guilty += [(path.name, m.group()) for m in TELEPHONE.finditer(text)]
    assert guilty == []


def test_every_partner_of_the_demonstration_says_it_is_an_example() -> None:
    assert all(p["name"].endswith(" (exemple)") for p in PARTNERS)
    assert all("xemple" in p["description"] for p in PARTNERS)
