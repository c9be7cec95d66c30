"""Tables as people export them."""

import io
from collections.abc import Callable

import openpyxl
import pytest

from carrefour.http import Fetcher
from partners.connectors import SourceError, connect
from tests.partners.connectors.conftest import Read, sample


def test_a_windows_export_with_a_title_above(serve: Callable[..., str], read: Read) -> None:
    rows = read("spreadsheet", serve("/f.csv", sample("spreadsheet.csv"), "text/csv"))
    assert [(r.position, r.data["N°"]) for r in rows] == [
        ("ligne 4", "1"),
        ("ligne 6", "2"),
        ("ligne 8", "3"),
    ]
    assert rows[0].data["Intitulé"] == "Épicerie d’échange"
    assert rows[0].data["Présentation"] == "Un lieu\nsur deux lignes ; avec point-virgule"
    assert read.connector.expected == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "mac_roman"])
def test_delimiters_line_ends_and_encodings(
    serve: Callable[..., str], read: Read, end: str, delimiter: str, encoding: str
) -> None:
    lines = [
        ["id", "titre", "ville"],
        ["1", "Épicerie, à côté; oui", "Orléans"],
        ["2", "Été", "Sète"],
    ]
    text = end.join(delimiter.join(f'"{c}"' for c in line) for line in lines) + end
    rows = read("spreadsheet", serve("/f.csv", text.encode(encoding)))
    assert [r.data for r in rows] == [
        {"id": "1", "titre": "Épicerie, à côté; oui", "ville": "Orléans"},
        {"id": "2", "titre": "Été", "ville": "Sète"},
    ]


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets:
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def test_a_workbook(serve: Callable[..., str], read: Read) -> None:
    import datetime

    lines: list[list[object]] = [
        ["Projets suivis"],
        [],
        ["Réf.", "Projet", "Année", "Le"],
        ["F1", "Épicerie", 2014, datetime.date(2015, 3, 1)],
        [None, None, None, None],
        ["F2", "Jardin", 2016.0, None],
    ]
    content = workbook(("Notice", [["à lire"]]), ("Projets", lines))
    url = serve("/f.xlsx", content)
    rows = read("spreadsheet", url, sheet="Projets")
    assert [r.data for r in rows] == [
        {"Réf.": "F1", "Projet": "Épicerie", "Année": 2014, "Le": "2015-03-01"},
        {"Réf.": "F2", "Projet": "Jardin", "Année": 2016, "Le": ""},
    ]
    assert [r.position for r in rows] == ["ligne 4", "ligne 6"]
    assert len(read("spreadsheet", url, sheet=2)) == 2
    assert len(read("spreadsheet", url)) == 2
    with pytest.raises(SourceError, match="absente"):
        read("spreadsheet", url, sheet="Absente")


def test_repeated_unnamed_and_extra_columns(serve: Callable[..., str], read: Read) -> None:
    text = "nom;nom;;ville\na;b;c;d;de trop\n"
    rows = read("spreadsheet", serve("/f.csv", text))
    assert rows[0].data == {
        "nom": "a",
        "nom (2)": "b",
        "colonne 3": "c",
        "ville": "d",
        "colonne 5": "de trop",
    }


def test_the_header_row_may_be_told(serve: Callable[..., str], read: Read) -> None:
    url = serve("/f.csv", "a;b;c\nid;titre;x\n1;Épicerie;y\n".encode())
    assert read("spreadsheet", url, header_row=2)[0].data["titre"] == "Épicerie"


def test_what_is_no_table_is_told(serve: Callable[..., str], read: Read) -> None:
    with pytest.raises(SourceError, match="page web"):
        read("spreadsheet", serve("/a", "<!doctype html><p>Bonjour"))
    with pytest.raises(SourceError, match="vide"):
        read("spreadsheet", serve("/b", ""))
    with pytest.raises(SourceError, match="illisible"):
        read("spreadsheet", serve("/c", b"PK\x03\x04 rien"))


def test_options_are_checked(fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match="Option inconnue"):
        connect("spreadsheet", "https://a.fr", {"feuille": 1}, fetcher)
    with pytest.raises(SourceError, match="nombre entier"):
        connect("spreadsheet", "https://a.fr", {"header_row": "x"}, fetcher).integer(
            "header_row", 0
        )
    with pytest.raises(SourceError, match="Connecteur inconnu"):
        connect("fax", "https://a.fr", {}, fetcher)
