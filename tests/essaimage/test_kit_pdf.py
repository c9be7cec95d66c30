"""The kit as a PDF: conform to PDF/UA-1 and PDF/A-2a, whatever texts it is made of, made by few."""

import io
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import outloud
import pikepdf
import pymupdf
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from essaimage.kit import letters, printing, typesetting
from essaimage.kit.blocks import Kit, Passage, Prose, Section
from essaimage.kit.typesetting import CannotPrint, payload, print_pdf
from innovations.models import Innovation
from tests.essaimage import kit_world
from tests.essaimage.test_kit import kit_of
from tests.factories import InnovationFactory

pytestmark = pytest.mark.django_db
HOSTILE = {
    "typst": '#panic(1) #import "/etc/passwd" $x^2$ @ref <label> `raw` *b* \\u{41} // c /* d */',
    "marks": '= Titre\n- liste\n+ un\n/ terme: sens\n#set page(width: 1pt)\n#read("kit.typ")',
    "json": '"}],"kind":"x"} \\" \\n \' ]] )) }}',
    "right to left": "שלום עולם، مرحبا بالعالم 1234 (à suivre)",
    "emojis": "Bravo 😀👍🏽👨‍👩‍👧🇫🇷 ❤️ ☎",
    "other scripts": "中文字 日本語 ไทย Ελληνικά Кириллица",
    "controls": "a\x07b\x1bc\u202edcba\u202c\u200d\ufeff\u2028fin\ue000\U000f0000\ufffe",
    "accents": "e\u0301 x\u0301\u0323 a\u0363 z\u0489 \u0301seul",
    "marks alone": " \u030a" * 2000 + "-\u030a" * 2000,
    "endless": "A" * 5000,
    "long": "Une phrase qui revient. " * 5000,
    "empty": " \n\n \t ",
}


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def rich() -> bytes:
    return print_pdf(payload(kit_of(kit_world.rich())))


def opened(made: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(made))


def text_of(made: bytes) -> str:
    with pymupdf.open(stream=made, filetype="pdf") as document:
        return "\n".join(page.get_text() for page in document)


def elements(made: bytes) -> list[tuple[str, dict[str, Any]]]:
    """(tag, attributes) of each structure element, in reading order."""
    found: list[tuple[str, dict[str, Any]]] = []

    def walk(node: Any) -> None:
        if isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append((str(node.S), {str(k): v for k, v in node.items()}))
            walk(node.get("/K", pikepdf.Array()))

    with opened(made) as pdf:
        walk(pdf.Root.StructTreeRoot.K)
    return found


def check(made: bytes, folder: Path, layers: tuple[str, ...] | None = None) -> Any:
    """What outloud says of it: PDF/UA-1 (« conformance »), and what a conform file may still get
    wrong (« semantic »)."""
    path = folder / "kit.pdf"
    path.write_bytes(made)
    return outloud.check(str(path), layers=layers)


# --- conformity -----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [kit_world.rich, kit_world.empty])
def test_a_kit_passes_a_check_of_pdf_ua(make: Any, tmp_path: Path) -> None:
    result = check(print_pdf(payload(kit_of(make()))), tmp_path)

    assert not result.error
    assert [str(finding) for finding in result.findings] == []
    assert result.verdict == "pass"


def test_the_check_sees_what_is_not_conform(rich: bytes, tmp_path: Path) -> None:
    with opened(rich) as pdf:
        del pdf.Root.Lang
        del pdf.Root.StructTreeRoot
        spoilt = io.BytesIO()
        pdf.save(spoilt)

    assert check(spoilt.getvalue(), tmp_path).verdict == "fail"


def test_it_says_what_it_is_in_french_with_its_title(rich: bytes) -> None:
    with opened(rich) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr-FR"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as said:
            assert said["pdfuaid:part"] == "1"
            assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("2", "A")
            assert said["dc:title"] == "Kit de reprise : Ressourcerie du bourg"


def test_headings_go_down_one_level_at_a_time(rich: bytes) -> None:
    levels = [int(tag[2:]) for tag, _ in elements(rich) if tag[:2] == "/H" and tag[2:].isdigit()]

    assert levels[0] == 1
    assert {1, 2, 3} == set(levels)
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_map_has_its_words_and_tables_their_headings(rich: bytes) -> None:
    tags = elements(rich)

    (figure,) = [said for tag, said in tags if tag == "/Figure"]
    assert "Le projet : Saint-Brieuc" in str(figure["/Alt"])
    names = [tag for tag, _ in tags]
    assert names.count("/Table") == 3
    assert names.count("/THead") == 3
    assert names.count("/TH") == 2 + 4 + 4


def test_every_link_says_where_it_leads(rich: bytes) -> None:
    with opened(rich) as pdf:
        links = [a for page in pdf.pages for a in page.get("/Annots", ()) if a.Subtype == "/Link"]

        assert len(links) > 20
        assert all(str(link.Contents).strip() for link in links)
        addresses = {str(a.A.URI) for a in links if "/A" in a and "/URI" in a.A}
    assert all(a.startswith(("http://", "https://")) for a in addresses)


def test_every_font_is_embedded(rich: bytes) -> None:
    with opened(rich) as pdf:
        fonts = [
            font.DescendantFonts[0] if "/DescendantFonts" in font else font
            for page in pdf.pages
            for font in page.Resources.get("/Font", {}).values()
        ]
        names = {str(font.BaseFont).partition("+")[2] for font in fonts}
        programs = [{"/FontFile2", "/FontFile3"} & set(f.FontDescriptor.keys()) for f in fonts]
        assert all(programs)
    # Marianne is the State's own.
    assert {name.partition("-")[0] for name in names} <= {"SourceSans3", "DejaVuSans"}


def test_it_tells_what_the_page_tells(rich: bytes) -> None:
    text = " ".join(text_of(rich).split())

    expected = (
        "Le bail n’a pas été renouvelé.",
        "La préfecture a donné son accord écrit.",
        "À qui le demander",
        "État des données au 28 novembre 2026",
        "Atelier de mars",
    )
    for told in expected:
        assert told in text
    assert "secret@example.org" not in text


# --- hostile texts --------------------------------------------------------------------------------


def told_everywhere(text: str) -> Kit:
    """A kit where the text stands in the title, the summary, a label and a section."""
    kit = kit_of(kit_world.rich())
    prose = Prose((Passage("p", (text,)), Passage("ul", (text, text)), Passage("h", (text,))))
    hostile = Section("hostile", text[:300], text[:300], (prose,))
    return replace(
        kit, title=text[:300] or "-", lead=text, structure=text[:250], place=text[:250],
        sections=(*kit.sections, hostile),
    )  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_breaks_the_pdf(name: str, tmp_path: Path) -> None:
    made = print_pdf(payload(told_everywhere(HOSTILE[name])))
    result = check(made, tmp_path, layers=("conformance",))

    # A sentence that stands at the top of three pages looks like a running header.
    assert {finding.rule for finding in result.findings} <= {"PAG-001"}
    assert not result.errors


def test_every_sign_said_printable_is_printed_in_every_style() -> None:
    signs = sorted(code for family in letters.printed() for code in family if code > 0x7F)
    shown = [s for s in map(chr, signs) if letters.printable(s) == s]
    assert len(shown) > 5000

    lines = [" ".join(shown[start : start + 200]) for start in range(0, len(shown), 200)]
    kit = kit_of(kit_world.empty())
    # A few at a time: what one PDF may take is bounded.
    for start in range(0, len(lines), 7):
        some = lines[start : start + 7]
        bold = Prose(tuple(Passage("h", (line,)) for line in some))
        sections = [Section(f"s{n}", "Titre", line, (bold,)) for n, line in enumerate(some)]
        assert print_pdf(payload(replace(kit, sections=tuple(sections)))).startswith(b"%PDF")


def test_a_text_is_printed_as_it_is_written() -> None:
    made = text_of(print_pdf(payload(told_everywhere(HOSTILE["typst"]))))

    assert "#panic(1)" in made
    assert "$x^2$ @ref <label>" in " ".join(made.split())
    assert "root:" not in made


def test_a_text_without_end_is_cut_and_says_so() -> None:
    made = payload(told_everywhere("Une phrase qui revient. " * 5000))

    assert typesetting.CUT in made
    assert len(made) < typesetting.LONGEST


def test_an_address_that_is_none_is_no_link(client: Client) -> None:
    innovation = InnovationFactory(published=True)
    Innovation.objects.filter(pk=innovation.pk).update(website="javascript:alert(1)")

    told = json.loads(payload(kit_of(innovation)))
    assert "javascript" not in json.dumps(told)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Été à l’école", "Été à l’école"),
        ("e\u0301", "é"),
        ("\u030aun \u030a\u0301mot", "un mot"),
        ("1\u202f250\u00a0€\u3000fin", "1\u202f250\u00a0€ fin"),
        ("a\x00b\tc\nd", "ab c\nd"),
        ("中", "□"),
        ("a\ue000b", "a□b"),
        ("mot\u202eà l’envers", "motà l’envers"),
        ("👨\u200d👩\u200d👧", "□"),
    ],
)
def test_what_no_font_can_print_is_shown_so(text: str, printed: str) -> None:
    assert letters.printable(text) == printed


# --- limits ---------------------------------------------------------------------------------------


def test_the_pdf_is_a_file_with_a_french_name(client: Client) -> None:
    innovation = InnovationFactory(published=True, title="L’épicerie / « du bourg » : été\n?")
    response = client.get(reverse("essaimage:kit_pdf", args=[innovation.slug]))

    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Robots-Tag"] == "noindex"
    assert (
        "filename*=utf-8''Kit%20de%20reprise%20-%20L%E2%80%99%C3%A9picerie"
        in (response["Content-Disposition"])
    )
    assert b"".join(response.streaming_content).startswith(b"%PDF-1.7")


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is really printed, from now on."""
    made: list[str] = []

    def print_and_count(told: str) -> bytes:
        made.append(told)
        return print_pdf(told)

    monkeypatch.setattr(typesetting, "print_pdf", print_and_count)
    return made


def test_a_crowd_has_one_pdf_made(monkeypatch: pytest.MonkeyPatch) -> None:
    told, made = payload(kit_of(kit_world.rich())), counted(monkeypatch)
    given: list[bytes] = []
    crowd = [threading.Thread(target=lambda: given.append(printing.pdf_of(told))) for _ in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert len(made) == 1
    assert len(given) == 8
    assert len(set(given)) == 1
    assert printing.is_kept(told)


def test_another_content_is_another_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    kit, made = kit_of(kit_world.rich()), counted(monkeypatch)
    printing.pdf_of(payload(kit))
    printing.pdf_of(payload(replace(kit, lead="Autre chose")))

    assert len(made) == 2


def test_when_too_many_are_made_one_is_asked_to_come_back(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "WAITED", 0.2)
    innovation = kit_world.rich()
    for number in range(printing.AT_ONCE):
        cache.add(f"kit-pdf-turn:{number}", 1, 30)
    response = client.get(reverse("essaimage:kit_pdf", args=[innovation.slug]))

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response["Cache-Control"] == "no-store"
    assert "Plusieurs kits se préparent" in response.content.decode()
    # The turns of others are theirs.
    assert cache.get("kit-pdf-turn:0") == 1


def test_one_that_takes_too_long_is_given_up_and_not_tried_again_at_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typesetting, "SECONDS", 0)
    made = counted(monkeypatch)
    address = reverse("essaimage:kit_pdf", args=[kit_world.rich().slug])
    first, second = client.get(address), client.get(address)

    assert (first.status_code, second.status_code) == (503, 503)
    assert "par notre faute" in first.content.decode()
    assert len(made) == 1


def test_one_that_is_too_long_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "LONGEST", 100)

    with pytest.raises(CannotPrint):
        payload(kit_of(kit_world.empty()))


def test_what_typst_refuses_is_told_to_who_keeps_the_server() -> None:
    with pytest.raises(CannotPrint, match="head"):
        print_pdf("{}")


def test_a_visitor_may_have_only_so_many_made(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("essaimage.kit.views.PER_HOUR", 1)
    first, second = kit_world.rich(), kit_world.empty()
    pages = [
        client.get(reverse("essaimage:kit_pdf", args=[one.slug])) for one in (first, first, second)
    ]

    # What is kept already costs nothing: it is not counted.
    assert [page.status_code for page in pages] == [200, 200, 429]
    assert pages[2]["Retry-After"] == "3600"
