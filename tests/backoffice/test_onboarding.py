"""A source on board, step by step, as a browser without JavaScript sends the forms."""

import io
import re
import time
import zipfile
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http.pacing import pace
from partners import onboarding, reaching, sampling
from partners.detection import Detected, detect
from partners.models import Alert, Credential, Deposit, Partner, Run, Source
from tests.factories import MembershipFactory, PartnerFactory, SourceFactory, UserFactory

pytestmark = pytest.mark.django_db
CSV = (
    "Identifiant;Titre du projet;Résumé;Commune;Modifié le\n"
    "1;Atelier de réparation;Des habitants réparent ensemble les objets.;Lormes;2026-11-02\n"
    "2;Jardin partagé;Un jardin cultivé en commun par ses voisins.;Grenoble;2026-10-20\n"
    "3;;Une ligne sans titre.;Grenoble;2026-10-01\n"
)


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    """A partner's site with one spreadsheet."""
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/projets.csv").respond_with_data(CSV, content_type="text/csv")
    return httpserver


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def start(client: Client, **data: object) -> object:
    return client.post(reverse("backoffice:onboarding"), {"connector": "", **data})


def begun(client: Client, roles: SimpleNamespace, url: str) -> Source:
    response = start(client, partner=roles.partner.slug, url=url)
    assert response.status_code == 302, text(response)  # type: ignore[attr-defined]
    return Source.objects.get()


def step(name: str, source: Source) -> str:
    return reverse(f"backoffice:{name}", args=[source.slug])


def form_fields(page: str) -> dict[str, object]:
    """What a browser would send of the mapping editor, its fields as they are filled."""
    import lxml.html

    form = lxml.html.document_fromstring(page).get_element_by_id("correspondance")
    found: dict[str, list[str]] = {}
    for name, value in form.form_values():
        found.setdefault(name, []).append(value)
    return dict(found)


def contract_data(**changed: object) -> dict[str, object]:
    return {
        "action": "planifier",
        "name": "Fiches d’expérience",
        "record_type": "innovation",
        "licence": "etalab-2.0",
        "publishes_directly": "True",
        "frequency": "hebdomadaire",
        "expected_at_least": 1,
        "expected_at_most": 5,
        "mandatory": ["place"],
        "withdraw_after_days": 7,
        "largest_loss": 30,
        **changed,
    }


def test_four_forms_lead_from_an_address_to_a_scheduled_source(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    source = begun(moderator, roles, site.url_for("/projets.csv"))
    assert (source.connector, source.is_active) == ("spreadsheet", False)

    page = text(moderator.get(step("source_recognition", source)))
    assert "Étape 2 sur 4" in page
    assert "presque sûr" in page or "probable" in page
    assert "Jardin partagé" in page
    response = moderator.post(
        step("source_recognition", source), {"action": "continuer", "connector": "spreadsheet"}
    )
    assert response.url == step("source_mapping", source)

    page = text(moderator.get(step("source_mapping", source)))
    assert "Étape 3 sur 4" in page
    assert "Atelier de réparation" in page
    assert "La fiche n’a pas de titre." in page
    data = form_fields(page) | {"action": "enregistrer"}
    response = moderator.post(step("source_mapping", source), data)
    assert response.url == step("source_contract", source)

    page = text(moderator.get(step("source_contract", source)))
    assert "Étape 4 sur 4" in page
    response = moderator.post(
        step("source_contract", source), contract_data(warned=[roles.moderator.pk])
    )
    source.refresh_from_db()
    assert source.is_active
    assert source.next_run_at
    assert source.slug.endswith("fiches-d-experience")
    assert response.url == step("source", source)
    assert (source.expected_at_least, source.mandatory) == (1, ["place"])
    assert Alert.objects.get().user == roles.moderator
    assert [v.rules for v in source.mapping_versions.all()] == [source.mapping]
    assert not Run.objects.exists()


def test_the_last_step_may_harvest_at_once(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    source = begun(moderator, roles, site.url_for("/projets.csv"))
    moderator.post(
        step("source_recognition", source), {"action": "continuer", "connector": "spreadsheet"}
    )
    response = moderator.post(step("source_contract", source), contract_data(action="moissonner"))
    run = Run.objects.get()
    assert run.requested_by == roles.moderator
    assert response.url == reverse("backoffice:run", args=[run.pk])


def test_the_contract_is_proposed_from_what_was_read(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    source = begun(moderator, roles, site.url_for("/projets.csv"))
    moderator.post(
        step("source_recognition", source), {"action": "continuer", "connector": "spreadsheet"}
    )
    form = moderator.get(step("source_contract", source)).context["form"]
    # Three rows announced, two of them make a record.
    assert form["expected_at_least"].value() == 1
    assert form["expected_at_most"].value() == 3
    # The partner did not sign the charter.
    assert form["publishes_directly"].value() is False
    assert form["warned"].value() == [roles.moderator.pk]


def test_nothing_is_kept_of_an_address_that_cannot_be_read(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    site.expect_request("/rien").respond_with_data("", status=404)
    data = {"partner": "nouveau", "new_name": "Réseau", "new_website": "exemple.fr",
            "new_kind": "associatif"}  # fmt: skip
    response = start(moderator, url=site.url_for("/rien"), **data)
    assert response.status_code == 200  # type: ignore[attr-defined]
    assert "Cette page n’existe pas, ou plus." in text(response)
    assert not Source.objects.exists()
    assert not Partner.objects.filter(name="Réseau").exists()


def test_the_site_is_asked_outside_of_any_transaction(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    depths: list[int] = []

    def watched(*given: object) -> Detected:
        depths.append(len(connection.savepoint_ids))
        return detect(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(onboarding, "detect", watched)
    before = len(connection.savepoint_ids)
    begun(moderator, roles, site.url_for("/projets.csv"))
    assert depths == [before]


def test_a_site_that_is_being_harvested_is_not_waited_for(
    moderator: Client,
    roles: SimpleNamespace,
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reaching, "PATIENCE", 0.3)
    rules = "User-agent: *\nCrawl-delay: 0.1\n"
    httpserver.expect_request("/robots.txt").respond_with_data(rules)
    httpserver.expect_request("/projets.csv").respond_with_data(CSV)
    place = pace().enter(f"{httpserver.host}:{httpserver.port}", 0.1, 1)
    try:
        url = httpserver.url_for("/projets.csv")
        page = text(start(moderator, partner=roles.partner.slug, url=url))
    finally:
        place.leave()
    assert "Le site est en cours de moissonnage, réessayez" in page
    assert not Source.objects.exists()


def test_a_site_too_slow_for_someone_who_waits_is_told(
    moderator: Client,
    roles: SimpleNamespace,
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow(request: Request) -> Response:
        time.sleep(2)
        return Response(CSV)

    monkeypatch.setattr(reaching, "SECONDS", 0.5)
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/projets.csv").respond_with_handler(slow)
    began = time.monotonic()
    page = text(
        start(moderator, partner=roles.partner.slug, url=httpserver.url_for("/projets.csv"))
    )
    assert "pas répondu à temps" in page
    assert time.monotonic() - began < 1.9
    assert not Source.objects.exists()


def test_a_private_address_is_refused(moderator: Client, roles: SimpleNamespace) -> None:
    response = start(
        moderator, partner=roles.partner.slug, url="http://169.254.169.254/latest/meta-data/"
    )
    assert "url" in response.context["form"].errors  # type: ignore[attr-defined]
    assert not Source.objects.exists()


def test_a_partner_is_created_on_the_way(moderator: Client, site: HTTPServer) -> None:
    start(
        moderator,
        partner="nouveau",
        new_name="Réseau d’exemple",
        new_website="exemple.fr",
        new_kind="associatif",
        url=site.url_for("/projets.csv"),
    )
    partner = Partner.objects.get(name="Réseau d’exemple")
    assert partner.website == "https://exemple.fr"
    assert partner.sources.get().connector == "spreadsheet"


def test_what_is_missing_is_told_on_its_field(moderator: Client, roles: SimpleNamespace) -> None:
    errors = start(moderator, partner="nouveau").context["form"].errors  # type: ignore[attr-defined]
    assert set(errors) == {"new_name", "new_website"}
    errors = start(moderator, partner=roles.partner.slug).context["form"].errors  # type: ignore[attr-defined]
    assert errors["url"] == ["Donnez l’adresse à moissonner, ou déposez un fichier."]
    known = {"partner": "nouveau", "new_name": roles.partner.name, "new_website": "exemple.fr"}
    page = text(start(moderator, **known))
    assert "Un partenaire porte déjà ce nom : choisissez-le." in page


def test_an_address_harvested_for_another_partner_is_refused(
    moderator: Client, roles: SimpleNamespace
) -> None:
    other = SourceFactory(partner=PartnerFactory())
    page = text(start(moderator, partner=roles.partner.slug, url=other.url))
    assert f"Cette adresse est déjà moissonnée pour {other.partner}." in page


def test_a_source_that_asks_for_a_key_says_so_then_opens_with_it(
    moderator: Client, roles: SimpleNamespace, httpserver: HTTPServer
) -> None:
    def guarded(request: Request) -> Response:
        if request.headers.get("X-Cle") == "sesame-42":
            return Response(CSV, content_type="text/csv")
        return Response("", status=401)

    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/reserve.csv").respond_with_handler(guarded)
    url = httpserver.url_for("/reserve.csv")
    page = text(start(moderator, partner=roles.partner.slug, url=url))
    assert "Demandez au partenaire une clé, un jeton ou un mot de passe" in page
    access = {"acces-kind": "en-tete", "acces-name": "X-Cle", "acces-secret": "sesame-42"}
    response = start(moderator, partner=roles.partner.slug, url=url, **access)
    assert response.status_code == 302, text(response)  # type: ignore[attr-defined]
    source = Source.objects.get()
    assert "sesame-42" not in Credential.objects.get().secret
    assert sampling.kept_sample(source) is not None


def test_a_wrong_key_keeps_nothing_and_is_not_shown_again(
    moderator: Client, roles: SimpleNamespace, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/reserve.csv").respond_with_data("", status=403)
    access = {"acces-kind": "jeton", "acces-secret": "mauvais-jeton"}
    url = httpserver.url_for("/reserve.csv")
    page = text(start(moderator, partner=roles.partner.slug, url=url, **access))
    assert "Le site refuse que nous lisions cette adresse." in page
    assert "mauvais-jeton" not in page
    assert not Credential.objects.exists()


def test_a_dropped_file_needs_no_address(moderator: Client, roles: SimpleNamespace) -> None:
    file = SimpleUploadedFile("projets_2026.csv", CSV.encode("cp1252"))
    response = start(moderator, partner=roles.partner.slug, file=file)
    assert response.status_code == 302, text(response)  # type: ignore[attr-defined]
    source = Source.objects.get()
    assert (source.name, source.connector) == ("projets 2026", "spreadsheet")
    assert Deposit.objects.get().created_by == roles.moderator
    page = text(moderator.get(step("source_recognition", source)))
    assert "Jardin partagé" in page
    assert "Le fichier déposé" in page
    moderator.post(
        step("source_recognition", source), {"action": "continuer", "connector": "spreadsheet"}
    )
    source.refresh_from_db()
    assert {rule["target"] for rule in source.mapping} >= {"title", "summary"}
    form = moderator.get(step("source_contract", source)).context["form"]
    assert form["frequency"].value() == "manuelle"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rapport.pdf", b"%PDF-1.7 ...", "C’est un PDF"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n....", "C’est une image"),
        ("vide.csv", b"  \n", "Ce fichier est vide."),
        ("page.csv", b"<!doctype html><html><body>", "une page web enregistr"),
        ("x.csv", b"a;b\0\0\0\1\2", "Ce fichier est d’un format inconnu"),
    ],
)
def test_a_file_that_no_connector_reads_is_refused_by_its_content(
    moderator: Client, roles: SimpleNamespace, name: str, content: bytes, said: str
) -> None:
    page = text(
        start(moderator, partner=roles.partner.slug, file=SimpleUploadedFile(name, content))
    )
    assert said in page
    assert not Source.objects.exists()


def test_an_unfinished_source_is_taken_up_where_it_was_left(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    source = begun(moderator, roles, site.url_for("/projets.csv"))
    resume = step("onboarding_resume", source)
    assert moderator.get(resume).url == step("source_recognition", source)
    moderator.post(
        step("source_recognition", source), {"action": "continuer", "connector": "spreadsheet"}
    )
    assert moderator.get(resume).url == step("source_mapping", source)
    assert source.next_run_at is None
    assert not Source.objects.due().exists()


def test_an_unfinished_source_may_be_given_up(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    source = begun(moderator, roles, site.url_for("/projets.csv"))
    response = moderator.post(step("onboarding_discard", source))
    assert response.url == reverse("backoffice:partner", args=[roles.partner.slug])
    assert not Source.objects.exists()


def test_giving_up_is_a_form_a_browser_may_send(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    source = begun(moderator, roles, site.url_for("/projets.csv"))
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = moderator.cookies
    page = text(browser.get(step("source_recognition", source)))
    form = page[page.index(step("onboarding_discard", source)) :]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form[: form.index("</form>")])
    assert token
    browser.post(step("onboarding_discard", source), {"csrfmiddlewaretoken": token[1]})
    assert not Source.objects.exists()


def test_a_word_document_is_refused_at_its_address_and_as_a_file(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    content = packed.getvalue()
    site.expect_request("/rapport.docx").respond_with_data(content)
    file = SimpleUploadedFile("rapport.docx", content)
    for given in ({"url": site.url_for("/rapport.docx")}, {"file": file}):
        page = text(start(moderator, partner=roles.partner.slug, **given))
        assert "C’est un document Word" in page
        assert "enregistrez le tableau en CSV ou en XLSX" in page
    assert not Source.objects.exists()


def test_a_source_on_line_is_never_given_up(moderator: Client, source: Source) -> None:
    moderator.post(step("onboarding_discard", source))
    assert Source.objects.filter(pk=source.pk).exists()
    for name in ("source_recognition", "source_contract"):
        assert moderator.get(step(name, source)).url == step("source_edit", source)


def test_another_connector_may_be_tried_and_its_failure_changes_nothing(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    source = begun(moderator, roles, site.url_for("/projets.csv"))
    response = moderator.post(
        step("source_recognition", source), {"action": "continuer", "connector": "wordpress"}
    )
    assert response.status_code == 200
    assert "fr-alert--error" in text(response)
    source.refresh_from_db()
    assert source.connector == "spreadsheet"
    assert source.mapping == []


def test_the_connector_s_options_are_fields(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    site.expect_request("/titre.csv").respond_with_data("Liste des projets;\n" + CSV)
    source = begun(moderator, roles, site.url_for("/titre.csv"))
    page = text(moderator.get(step("source_recognition", source)))
    assert "Numéro de la ligne des titres de colonnes" in page
    moderator.post(
        step("source_recognition", source),
        {"action": "continuer", "connector": "spreadsheet", "option-header_row": "2"},
    )
    source.refresh_from_db()
    assert source.options["header_row"] == 2
    assert {r["target"]: r.get("path") for r in source.mapping}["title"] == "Titre du projet"


def test_the_source_is_read_once_for_all_the_steps(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    source = begun(moderator, roles, site.url_for("/projets.csv"))
    asked = len(site.log)
    moderator.post(
        step("source_recognition", source), {"action": "continuer", "connector": "spreadsheet"}
    )
    for _ in range(3):
        page = text(moderator.get(step("source_mapping", source)))
        moderator.post(step("mapping_preview", source), form_fields(page))
    moderator.get(step("source_contract", source))
    assert len(site.log) == asked


def test_the_frequency_follows_the_dates_seen(roles: SimpleNamespace) -> None:
    import datetime

    from django.utils import timezone

    from partners.connectors import RawRow

    today = datetime.date(2026, 11, 20)

    def sample(*days: str) -> sampling.Sample:
        rows = [RawRow({}, "", date=day) for day in days]
        return sampling.Sample(rows, None, True, False, timezone.now())

    assert (
        sampling.frequency_of(sample("2026-11-19", "2026-11-18T10:00:00"), today) == "quotidienne"
    )
    assert sampling.frequency_of(sample("2026-11-19", "2026-11-10"), today) == "hebdomadaire"
    assert sampling.frequency_of(sample("2026-11-19", "2026-08-10"), today) == "mensuelle"
    # A blog that stopped years ago after writing daily is not asked each day.
    assert sampling.frequency_of(sample("2019-11-19", "2019-11-18"), today) == "mensuelle"
    assert sampling.frequency_of(sample("n’importe quoi"), today) == "hebdomadaire"


def test_a_reading_forgotten_by_the_cache_is_offered_again(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    source = begun(moderator, roles, site.url_for("/projets.csv"))
    cache.clear()
    page = text(moderator.get(step("source_recognition", source)))
    assert "Aucune ligne n’a encore pu être lue ainsi." in page
    moderator.post(step("source_recognition", source), {"action": "relire"})
    assert onboarding.recognition_of(source) is not None
    assert "Jardin partagé" in text(moderator.get(step("source_recognition", source)))


@pytest.mark.parametrize("name", ["source_recognition", "source_mapping", "source_contract"])
def test_a_step_costs_the_same_whatever_the_sample(
    name: str, moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    def cost(rows: int) -> int:
        lines = "".join(f"{n};Projet {n};Un résumé.;Lieu;2026-01-01\n" for n in range(rows))
        path = f"/{rows}.csv"
        site.expect_request(path).respond_with_data(CSV + lines, content_type="text/csv")
        Source.objects.all().delete()
        source = begun(moderator, roles, site.url_for(path))
        data = {"action": "continuer", "connector": "spreadsheet"}
        moderator.post(step("source_recognition", source), data)
        moderator.get(step(name, source))
        with CaptureQueriesContext(connection) as captured:
            assert moderator.get(step(name, source)).status_code == 200
        return len(captured)

    assert cost(10) == cost(60) <= 40


NEW_PAGES = (
    "source_recognition", "source_contract", "source_mapping", "mapping_versions",
    "source_access", "onboarding_resume",
)  # fmt: skip
NEW_ACTIONS = ("onboarding_discard", "mapping_preview")


@pytest.fixture
def draft(roles: SimpleNamespace) -> Source:
    return SourceFactory(partner=roles.partner, is_active=False, mapping=[])


def test_only_those_who_set_sources_up_open_the_steps(
    client: Client, roles: SimpleNamespace, draft: Source
) -> None:
    other = MembershipFactory(partner=PartnerFactory(), user=UserFactory(email="autre@exemple.fr"))
    cast = vars(roles) | {"other_member": other.user}
    refused = ("essaimage_officer", "statistician", "partner_member", "other_member", "stranger")
    for name in NEW_PAGES:
        assert client.get(step(name, draft)).url.startswith(reverse("accounts:login"))
    for role in refused:
        client.force_login(cast[role], settings.AUTHENTICATION_BACKENDS[-1])
        assert client.get(reverse("backoffice:onboarding")).status_code == 403
        for name in NEW_PAGES:
            assert client.get(step(name, draft)).status_code in {403, 404}, (role, name)
            assert client.post(step(name, draft), {}).status_code in {403, 404}, (role, name)
        for name in NEW_ACTIONS:
            assert client.post(step(name, draft), {}).status_code in {403, 404}, (role, name)
    for role in ("moderator", "administrator"):
        client.force_login(cast[role], settings.AUTHENTICATION_BACKENDS[-1])
        for name in NEW_PAGES:
            assert client.get(step(name, draft)).status_code in {200, 302}, (role, name)
    assert Source.objects.filter(pk=draft.pk).exists()
    for name in NEW_ACTIONS:
        assert client.get(step(name, draft)).status_code == 405


def test_each_page_has_one_level_one_heading_and_labelled_fields(
    moderator: Client, roles: SimpleNamespace, site: HTTPServer
) -> None:
    source = begun(moderator, roles, site.url_for("/projets.csv"))
    for name in ("source_recognition", "source_mapping", "source_contract", "source_access"):
        page = text(moderator.get(step(name, source)))
        assert len(re.findall(r"<h1[ >]", page)) == 1, name
        assert "{{" not in page
