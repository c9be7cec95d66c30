"""XML of any make, from strangers."""

from collections.abc import Callable

import pytest

from partners.connectors import SourceError
from tests.partners.connectors.conftest import Read, sample

FIRST = {
    "id": "7",
    "etat": "en cours",
    "titre": "Atelier de réparation",
    "titre_lang": "fr",
    "dc_titre": "L’atelier",
    "theme": ["Réemploi", "Lien social"],
    "lieu": {"commune": "Nantes", "commune_code": "44109", "latitude": "47.22"},
    "texte": "On y <b>répare</b> tout.",
    "date_maj": "2024-01-02",
    "licence": "Licence Ouverte 2.0",
}


@pytest.mark.parametrize(
    "options",
    [{}, {"path": "/fiches/liste/fiche"}, {"path": "//fiche"}, {"path": "//*[@id][last()>0]"}],
)
def test_the_records_of_a_document_are_its_repeated_elements(
    serve: Callable[..., str], read: Read, options: dict
) -> None:
    rows = read("xml", serve("/f", sample("xml-fiches.xml")), **options)
    assert [r.data["titre"] for r in rows] == ["Atelier de réparation", "Jardin partagé"]
    assert {k: v for k, v in rows[0].data.items() if not k.startswith("xml")} == FIRST
    assert rows[0].position == "élément 1"
    assert (rows[0].date, rows[0].licence) == ("2024-01-02", "etalab-2.0")


def test_one_record_in_several_parts_is_read_whole(serve: Callable[..., str], read: Read) -> None:
    document = "<asso><id>7</id><identite><nom>Jardin</nom><sigle>J</sigle></identite>"
    document += "<activites><objet>Cultiver</objet></activites></asso>"
    (row,) = read("xml", serve("/f", document))
    assert (row.data["identite"]["nom"], row.data["activites"]["objet"]) == ("Jardin", "Cultiver")


def test_one_record_alone_is_found(serve: Callable[..., str], read: Read) -> None:
    document = "<liste><fiche><titre>Jardin</titre><ville>Nantes</ville></fiche></liste>"
    (row,) = read("xml", serve("/f", document))
    assert row.data == {"titre": "Jardin", "ville": "Nantes"}


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("utf-8", "windows-1252"),
        ("iso-8859-1", "utf-8"),
        ("utf-16", "utf-16"),
        ("windows-1252", "windows-1252"),
    ],
)
def test_the_encoding_is_the_true_one(
    serve: Callable[..., str], read: Read, declared: str, written: str
) -> None:
    document = f"<?xml version='1.0' encoding='{declared}'?><l><f><t>Été à l’œuvre</t></f></l>"
    (row,) = read("xml", serve("/f", document.encode(written)))
    assert row.data == {"t": "Été à l’œuvre"}


def test_stray_marks_and_entities_are_mended(serve: Callable[..., str], read: Read) -> None:
    document = "<l><f><t>Caf\x0b&eacute; &amp; th&eacute;</t></f><f><t>R&D &lt;ici&gt;</t></f></l>"
    rows = read("xml", serve("/f", document))
    assert [r.data["t"] for r in rows] == ["Café & thé", "R&D <ici>"]
    assert read.connector.is_complete  # type: ignore[attr-defined]


def test_what_can_be_read_of_a_broken_document_is_kept_and_told(
    serve: Callable[..., str], read: Read
) -> None:
    document = "<l>" + "".join(f"<f><t>Projet {n}</t></f>" for n in range(5)) + "<f><t>Proj"
    rows = read("xml", serve("/f", document), path="/l/f")
    assert [r.data["t"] for r in rows][:5] == [f"Projet {n}" for n in range(5)]
    assert not read.connector.is_complete  # type: ignore[attr-defined]
    assert "mal formé" in read.connector.warnings[0]  # type: ignore[attr-defined]


BOMB = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><l><f><t>&i;</t></f><f><t>&i;</t></f></l>"
)
OUTSIDE = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l><f><t>&a;</t></f></l>'


@pytest.mark.parametrize("document", [BOMB, OUTSIDE], ids=["nested entities", "a file's entity"])
@pytest.mark.parametrize("options", [{}, {"path": "/l/f"}, {"path": "//f[1]"}])
def test_entities_are_refused(
    serve: Callable[..., str], read: Read, document: str, options: dict
) -> None:
    with pytest.raises(SourceError, match="entités"):
        read("xml", serve("/f", document), **options)


def test_a_record_that_never_ends_is_refused(serve: Callable[..., str], read: Read) -> None:
    document = "<l><f>" + "<x/>" * 60_000 + "</f><f><t>b</t></f></l>"
    with pytest.raises(SourceError, match="démesurée"):
        read("xml", serve("/f", document), path="/l/f")


def test_nesting_without_end_is_bounded(serve: Callable[..., str], read: Read) -> None:
    document = "<l><f><t>Premier</t></f><f>" + "<x>" * 5000 + "</x>" * 5000 + "</f></l>"
    rows = read("xml", serve("/f", document), path="/l/f")
    assert rows[0].data == {"t": "Premier"}
    assert not read.connector.is_complete  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("document", "options", "said"),
    [
        ("<l/>", {}, "aucune liste"),
        ("<l><f><t>a</t></f></l>", {"path": "/absent"}, "Aucun élément"),
        ("<l><f><t>a</t></f></l>", {"path": "//f["}, "illisible"),
        ("<l><f><t>a</t></f></l>", {"encoding": "utf-99"}, "Encodage inconnu"),
        ("bonjour", {}, "aucune liste"),
    ],
)
def test_what_cannot_be_read_is_told(
    serve: Callable[..., str], read: Read, document: str, options: dict, said: str
) -> None:
    with pytest.raises(SourceError, match=said):
        read("xml", serve("/f", document), **options)


def test_a_long_document_is_read_to_its_end(serve: Callable[..., str], read: Read) -> None:
    item = "<f><t>Projet {0}</t><d>&lt;p&gt;{1}&lt;/p&gt;</d></f>"
    document = "<l>" + "".join(item.format(n, "été " * 50) for n in range(3000)) + "</l>"
    rows = read("xml", serve("/f", document))
    assert len(rows) == 3000
    assert rows[-1].data["t"] == "Projet 2999"
    assert {len(r.data["d"]) for r in rows} == {207}


def test_the_points_of_a_map(serve: Callable[..., str], read: Read) -> None:
    marks = "".join(
        f"<Placemark><name>Lieu {n}</name><Point><coordinates>-1.55,47.2{n},0</coordinates></Point>"
        "</Placemark>"
        for n in range(3)
    )
    document = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    rows = read("xml", serve("/f", document))
    assert [(r.data["Point"]["longitude"], r.data["Point"]["latitude"]) for r in rows][:1] == [
        ("-1.55", "47.20")
    ]
