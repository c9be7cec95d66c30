"""Quality in the back-office: measured day by day, flags decided upon, links mended."""

import datetime
import re
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from innovations import assessing
from innovations.links import list_links
from innovations.models import FieldEdit, Innovation, Link, LinkState
from partners import quality_history
from partners.models import Flag, FlagState, QualitySnapshot, Source, SourceRecord
from partners.publishing import publish_records
from partners.tasks import take_quality_snapshot
from tests.backoffice.conftest import BACKEND, flag
from tests.factories import CitationFactory, InnovationFactory, SourceFactory, SourceRecordFactory

pytestmark = pytest.mark.django_db
PHONE = "06 39 98 12 34"


def record(source: Source, title: str = "Atelier", **values: object) -> SourceRecord:
    said = {"title": title, "summary": "Des habitants réparent ensemble.", **values}
    return SourceRecordFactory(source=source, values=said)


def shown(client: Client, name: str, *arguments: object, **asked: str) -> str:
    response = client.get(reverse(f"backoffice:{name}", args=arguments), asked)
    assert response.status_code == 200
    return re.sub("[ \n]+", " ", response.content.decode())


# --- measures -------------------------------------------------------------------------------------


def test_a_snapshot_measures_all_each_partner_and_each_source(source: Source) -> None:
    second = SourceFactory(partner=source.partner)
    other = SourceFactory()
    publish_records([record(source), record(second), record(other)])
    InnovationFactory(published=True)

    assert take_quality_snapshot() == 6

    counts = {(s.partner_id, s.source_id): s.records for s in QualitySnapshot.objects.all()}
    assert counts == {
        (None, None): 4,
        (source.partner_id, None): 2,
        (source.partner_id, source.pk): 1,
        (source.partner_id, second.pk): 1,
        (other.partner_id, None): 1,
        (other.partner_id, other.pk): 1,
    }
    whole = QualitySnapshot.objects.get(partner=None)
    assert sum(whole.distribution) == 4
    scores = sorted(Innovation.objects.values_list("completeness__score", flat=True))
    assert whole.mean == pytest.approx(sum(scores) / 4)
    assert whole.fills["title"] == 63
    assert whole.gains["reproduction.need"] > whole.gains["title"]


def test_taking_it_twice_in_a_day_measures_once(source: Source) -> None:
    publish_records([record(source)])
    quality_history.take()
    publish_records([record(source, "Autre atelier")])
    quality_history.take()
    assert QualitySnapshot.objects.get(partner=source.partner, source=None).records == 2
    quality_history.take(timezone.localdate() - datetime.timedelta(days=1))
    assert QualitySnapshot.objects.filter(partner=source.partner, source=None).count() == 2


def test_a_record_told_by_two_sources_counts_once_for_their_partner(source: Source) -> None:
    [innovation] = publish_records([record(source)])
    publish_records([record(SourceFactory(partner=source.partner), innovation=None)])
    SourceRecord.objects.update(innovation=innovation)
    quality_history.take()
    assert QualitySnapshot.objects.get(partner=source.partner, source=None).records == 1


def test_filling_what_is_advised_raises_the_mean_as_announced(source: Source) -> None:
    publish_records([record(source, f"Atelier numéro {n}") for n in range(3)])
    before = quality_history.measured(source.partner)
    assert before is not None
    line = next(x for x in quality_history.lines(before) if x.criterion.code == "reproduction.need")

    for each in SourceRecord.objects.all():
        each.values["reproduction"] = {"need": "Réparer coûte plus cher que racheter. " * 5}
        each.save()
        publish_records([each])

    after = quality_history.measured(source.partner)
    assert after is not None
    assert after.mean == pytest.approx(before.mean + line.gain, abs=1)


def test_the_partner_sees_its_measures_over_time(roles: SimpleNamespace, client: Client) -> None:
    source = SourceFactory(partner=roles.partner)
    publish_records([record(source)])
    client.force_login(roles.partner_member, BACKEND)
    assert "la courbe paraîtra au deuxième" in shown(client, "completeness", roles.partner.slug)
    for days in (40, 2, 0):
        quality_history.take(timezone.localdate() - datetime.timedelta(days=days))

    page = shown(client, "completeness", roles.partner.slug)

    assert "Complétude moyenne : de" in page
    assert page.count("<polyline") == 2
    assert "Ce qui augmenterait le plus la moyenne" in page
    file = client.get(reverse("backoffice:completeness_csv", args=[roles.partner.slug]))
    lines = b"".join(file).decode().splitlines()  # type: ignore[arg-type]
    assert len(lines) == 7
    assert lines[0].startswith("\ufeffJour;Partenaire;Source;Fiches;Moyenne")


def test_the_team_sees_partners_and_records_by_their_score(
    source: Source, roles: SimpleNamespace, client: Client
) -> None:
    publish_records([record(source, "Pauvre"), record(source, "Un titre riche", year=2014)])
    quality_history.take()
    client.force_login(roles.statistician, BACKEND)

    page = shown(client, "quality")
    assert source.partner.name in page
    assert "Par partenaire" in page

    least = shown(client, "quality_records")
    assert least.index("Pauvre") < least.index("Un titre riche")
    most = shown(client, "quality_records", tri="plus", partenaire=source.partner.slug)
    assert most.index("Un titre riche") < most.index("Pauvre")


# --- flags ----------------------------------------------------------------------------------------


def test_a_moderator_masks_or_leaves_from_the_queue(
    source: Source, moderator: Client, roles: SimpleNamespace
) -> None:
    texts = [f"Appelez Camille au {PHONE}.", "Écrivez à camille.exemple@gmail.com."]
    [first, second] = publish_records(
        [record(source, f"Atelier {n}", summary=text) for n, text in enumerate(texts)]
    )
    page = shown(moderator, "flags")
    assert "06 •• •• •• ••" in page
    assert "c…@gmail.com" in page
    assert PHONE not in page
    phone, mail = Flag.objects.order_by("pk")

    decide = reverse("backoffice:flags_decide")
    moderator.post(decide, {"action": "masquer", "signalement": [phone.pk]})
    moderator.post(decide, {"action": "laisser", "signalement": [mail.pk]})

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.is_public
    assert "[donnée retirée]" in first.summary
    assert "camille.exemple@gmail.com" in second.summary
    assert "Aucun signalement" in shown(moderator, "flags")
    assert "Modérateur" in shown(moderator, "flags", etat="masquee")


def test_nothing_ticked_or_an_unknown_decision_is_told(source: Source, moderator: Client) -> None:
    one = flag(record(source))
    decide = reverse("backoffice:flags_decide")
    for said in ({"action": "masquer"}, {"action": "effacer", "signalement": [one.pk]}):
        page = moderator.post(decide, said, follow=True).content.decode()
        assert "Choisissez au moins un signalement" in page
    assert Flag.objects.get().state == FlagState.OPEN


def test_a_text_is_left_and_never_masked(source: Source, moderator: Client) -> None:
    one = flag(record(source), family="texte", kind="coupe", excerpt="")
    decide = reverse("backoffice:flags_decide")
    moderator.post(decide, {"action": "masquer", "signalement": [one.pk]})
    assert Flag.objects.get().state == FlagState.OPEN
    moderator.post(decide, {"action": "laisser", "signalement": [one.pk]})
    assert Flag.objects.get().state == FlagState.LEFT


def test_the_partner_sees_why_its_own_record_waits(
    source: Source, roles: SimpleNamespace, client: Client
) -> None:
    publish_records([record(source, "La mienne", summary=f"Camille, {PHONE}")])
    publish_records([record(SourceFactory(), "Une autre", summary=f"Camille, {PHONE}")])
    client.force_login(roles.partner_member, BACKEND)

    page = shown(client, "partner_flags", roles.partner.slug)

    assert "La mienne" in page
    assert "non montrée au public" in page
    assert "Une autre" not in page
    assert "Masquer les données cochées" not in page
    assert client.post(reverse("backoffice:flags_decide")).status_code == 403


def test_the_record_shows_its_score_and_its_flags(
    source: Source, roles: SimpleNamespace, client: Client
) -> None:
    [innovation] = publish_records([record(source, summary=f"Camille, {PHONE}")])
    client.force_login(roles.moderator, BACKEND)
    page = shown(client, "innovation", innovation.pk)
    assert "Complétude :" in page
    assert "C’est public, laisser" in page
    client.force_login(roles.statistician, BACKEND)
    page = shown(client, "innovation", innovation.pk)
    assert "Complétude :" in page
    assert "06 ••" not in page


# --- links ----------------------------------------------------------------------------------------


def test_the_team_takes_the_new_address_of_a_web_site(source: Source, moderator: Client) -> None:
    [innovation] = publish_records([record(source, website="http://ancien.example.org/")])
    list_links()
    Link.objects.filter(url="http://ancien.example.org/").update(
        state=LinkState.MOVED, moved_to="https://nouveau.example.org/"
    )
    page = shown(moderator, "links")
    assert "Nouvelle adresse proposée : https://nouveau.example.org/" in page
    link = Link.objects.get(state=LinkState.MOVED)

    moderator.post(reverse("backoffice:link_adopt", args=[link.pk]))

    innovation.refresh_from_db()
    assert innovation.website == "https://nouveau.example.org/"
    assert FieldEdit.objects.get().field == "website"


def test_links_are_listed_by_state_and_as_a_file(source: Source, moderator: Client) -> None:
    publish_records([record(source, website="http://mort.example.org/")])
    list_links()
    Link.objects.filter(host="mort.example.org").update(
        state=LinkState.DEAD, failing_since=timezone.now(), failures=3, message="Injoignable"
    )
    assert "mort.example.org" in shown(moderator, "links")
    assert "mort.example.org" in shown(moderator, "links", partenaire=source.partner.slug)
    assert "mort.example.org" not in shown(moderator, "links", etat="a-verifier")
    file = b"".join(moderator.get(reverse("backoffice:links_csv"))).decode()  # type: ignore[arg-type]
    assert "http://mort.example.org/;Inaccessible;Injoignable" in file


def test_a_partner_sees_the_links_of_its_records_only(
    source: Source, roles: SimpleNamespace, client: Client
) -> None:
    publish_records([record(source, website="http://mien.example.org/")])
    publish_records([record(SourceFactory(), website="http://autre.example.org/")])
    list_links()
    Link.objects.update(state=LinkState.DEAD, failing_since=timezone.now())
    client.force_login(roles.partner_member, BACKEND)
    page = shown(client, "partner_links", roles.partner.slug)
    assert "mien.example.org" in page
    assert "autre.example.org" not in page
    file = client.get(reverse("backoffice:partner_links_csv", args=[roles.partner.slug]))
    assert "autre.example.org" not in b"".join(file).decode()  # type: ignore[arg-type]


def test_the_public_page_says_that_a_link_is_dead(client: Client) -> None:
    innovation = InnovationFactory(published=True, website="http://mort.example.org/")
    CitationFactory(innovation=innovation)
    list_links()
    assessing.refresh([innovation.pk])
    page = client.get(innovation.get_absolute_url()).content.decode()
    assert "inaccessible depuis" not in page
    since = datetime.datetime(2026, 3, 5, 12, tzinfo=datetime.UTC)
    Link.objects.update(state=LinkState.DEAD, failing_since=since)

    page = client.get(innovation.get_absolute_url()).content.decode()

    assert page.count("Lien signalé comme inaccessible depuis le 5 mars 2026") == 2
    assert page.count("external nofollow") == 2
    assert 'href="http://mort.example.org/"' in page


def test_how_it_is_computed_is_told_to_all(client: Client) -> None:
    page = client.get(reverse("site:completeness")).content.decode()
    assert "Conditions de duplication" in page
    assert "Les poids font 100 points" in page
