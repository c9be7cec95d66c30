"""Tables as people export them."""

import gc
import gzip
import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence

import openpyxl
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http import Fetcher, FetchError
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


def workbook(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
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


TABLE = "id;titre;ville\n1;Épicerie;Orléans\n2;Été;Sète\n"
ROWS = [
    {"id": "1", "titre": "Épicerie", "ville": "Orléans"},
    {"id": "2", "titre": "Été", "ville": "Sète"},
]


@pytest.mark.parametrize(
    "text",
    [
        "id;titre;texte\r1;a;un\ndeux\r2;b;trois\r3;c;quatre\ncinq\r4;d;six\r",
        "id;titre;texte\n1;a;un\rdeux\n2;b;trois\n3;c;quatre\rcinq\n4;d;six\n",
        "id;titre;texte\r\n1;a;un\rdeux\r\n2;b;trois\r\n3;c;quatre\rcinq\r\n4;d;six\r\n",
        'id;titre;texte\r\n1;a;"un\ndeux"\r\n2;b;trois\r\n3;c;"quatre\rcinq"\r\n4;d;six\r\n',
    ],
    ids=["rows end with CR", "with LF", "with CRLF", "cells are quoted"],
)
def test_line_ends_inside_cells(serve: Callable[..., str], read: Read, text: str) -> None:
    rows = read("spreadsheet", serve("/f.csv", text))
    assert [r.data["texte"] for r in rows] == ["un\ndeux", "trois", "quatre\ncinq", "six"]


def test_ragged_rows_and_nuls(serve: Callable[..., str], read: Read) -> None:
    text = "id;titre;ville\n1;a\0;Nantes\n2;b\n;;\n3;c;Angers;;reste\n"
    rows = read("spreadsheet", serve("/f.csv", text))
    assert [r.data for r in rows] == [
        {"id": "1", "titre": "a", "ville": "Nantes"},
        {"id": "2", "titre": "b"},
        {"id": "3", "titre": "c", "ville": "Angers", "colonne 5": "reste"},
    ]


def test_a_quotation_mark_never_closed_is_told(serve: Callable[..., str], read: Read) -> None:
    lines = "".join(f"{n};projet {n};Nantes\n" for n in range(2, 9))
    read("spreadsheet", serve("/f.csv", f'id;titre;ville\n1;"projet 1;Nantes\n{lines}'))
    assert "jamais fermé" in read.connector.warnings[0]  # type: ignore[attr-defined]
    assert not read.connector.is_complete  # type: ignore[attr-defined]


def test_one_damaged_letter_does_not_spoil_the_others(
    serve: Callable[..., str], read: Read
) -> None:
    lines = "".join(f"{n};Été à Sète, déjà prêt\n" for n in range(40))
    content = f"id;titre\n{lines}".encode() + b"40;D\xe9j\xc3\xa0\n"
    rows = read("spreadsheet", serve("/f.csv", content))
    assert rows[0].data["titre"] == "Été à Sète, déjà prêt"
    assert rows[-1].data["titre"] == "D�jà"


def test_the_accents_may_stand_far_in_the_file(serve: Callable[..., str], read: Read) -> None:
    lines = "".join(f"{n};projet\n" for n in range(120_000))
    content = f"id;titre\n{lines}fin;Été à l’œuvre\n".encode("cp1252")
    rows = read("spreadsheet", serve("/f.csv", content))
    assert rows[-1].data["titre"] == "Été à l’œuvre"


def test_a_long_table_is_never_held(serve: Callable[..., str], fetcher: Fetcher) -> None:
    lines = "".join(f"{n};Projet {n};{'é' * 200}\n" for n in range(20_000))
    url = serve("/f.csv", f"id;titre;texte\n{lines}")
    rows = connect("spreadsheet", url, {}, fetcher).rows()
    next(rows)
    gc.collect()
    tracemalloc.start()
    try:
        assert sum(1 for _ in rows) == 19_999
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000


def test_several_lines_of_titles(serve: Callable[..., str], read: Read) -> None:
    text = "id;budget;nom\n;en euros;nom\n1;300;a\n"
    (row,) = read("spreadsheet", serve("/f.csv", text), header_rows=2)
    assert row.data == {"id": "1", "budget – en euros": "300", "nom": "a"}


def test_a_delimiter_may_be_told(serve: Callable[..., str], read: Read) -> None:
    url = serve("/f.csv", "id~titre\n1~a;b\n")
    assert read("spreadsheet", url, delimiter="~")[0].data == {"id": "1", "titre": "a;b"}
    tabs = serve("/t.csv", "id\ttitre;x\n1\ta;b\n2\tc;d\n")
    assert read("spreadsheet", tabs, delimiter="\\t")[0].data == {"id": "1", "titre;x": "a;b"}
    with pytest.raises(SourceError, match="Encodage inconnu"):
        read("spreadsheet", url, encoding="utf-99")


def test_all_the_sheets_of_the_same_columns(serve: Callable[..., str], read: Read) -> None:
    content = workbook(
        ("En projet", [["id", "titre"], [1, "a"]]),
        ("Notice", [["à lire"], ["ligne"]]),
        ("Ouverts", [["titre", "id"], ["b", 2]]),
    )
    rows = read("spreadsheet", serve("/f.xlsx", content), sheet="*")
    assert [(r.data, r.position) for r in rows] == [
        ({"feuille": "En projet", "id": 1, "titre": "a"}, "feuille En projet, ligne 2"),
        ({"feuille": "Ouverts", "id": 2, "titre": "b"}, "feuille Ouverts, ligne 2"),
    ]
    assert "« Notice »" in read.connector.warnings[0]  # type: ignore[attr-defined]


def test_the_sheets_that_are_not_read_are_told(serve: Callable[..., str], read: Read) -> None:
    content = workbook(("Notice", [["à lire"], ["ligne"]]), ("Liste", [["id", "titre"], [1, "a"]]))
    rows = read("spreadsheet", serve("/f.xlsx", content))
    assert [r.data for r in rows] == [{"id": 1, "titre": "a"}]
    assert read.connector.warnings == [  # type: ignore[attr-defined]
        "Seule la feuille « Liste » est lue. Autres feuilles : Notice."
    ]


def zipped(**files: bytes | str) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return output.getvalue()


@pytest.mark.parametrize(
    "packed",
    [
        zipped(liste_csv=TABLE, lisezmoi_md="à lire"),
        gzip.compress(TABLE.encode()),
        zipped(
            liste_xlsx=workbook(("A", [["id", "titre", "ville"], *([*r.values()] for r in ROWS)]))
        ),
    ],
    ids=["a CSV in a zip", "a CSV in a gzip", "a workbook in a zip"],
)
def test_a_table_in_an_archive(serve: Callable[..., str], read: Read, packed: bytes) -> None:
    rows = read("spreadsheet", serve("/f", packed))
    assert [{n: str(v) for n, v in r.data.items()} for r in rows] == ROWS


def test_a_big_table_in_a_gzip(serve: Callable[..., str], read: Read) -> None:
    dice = random.Random(1)
    lines = "".join(f"{n};{dice.randbytes(24).hex()}\n" for n in range(50_000))
    rows = read("spreadsheet", serve("/f", gzip.compress(f"id;titre\n{lines}".encode())))
    assert len(rows) == 50_000


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (zipped(a_csv=TABLE, b_csv=TABLE), {}, "plusieurs tableaux"),
        (zipped(a_csv=TABLE), {"file": "c.csv"}, "absent de l’archive"),
        (zipped(a_md="à lire"), {}, "absent de l’archive"),
        (zipped(a_csv="a;b\n" + "0" * 40_000_000), {}, "démesurée"),
        (gzip.compress(b"0" * 40_000_000), {}, "démesurée"),
        (zipped(a_csv=TABLE)[:-30], {}, "illisible"),
        (gzip.compress(TABLE.encode())[:-12], {}, "illisible"),
        (b"a;b\n" + b"0" * 5_000_000, {}, "démesurée"),
    ],
    ids=["two", "absent", "none", "zip bomb", "gzip bomb", "cut zip", "cut gzip", "endless line"],
)
def test_archives_that_cannot_be_read_are_told(
    serve: Callable[..., str], read: Read, content: bytes, options: dict, said: str
) -> None:
    with pytest.raises(SourceError, match=said):
        read("spreadsheet", serve("/f", content), **options)


def test_one_of_several_tables_of_an_archive(serve: Callable[..., str], read: Read) -> None:
    url = serve("/f", zipped(a_csv="x;y\n1;2\n", b_csv=TABLE))
    assert [r.data for r in read("spreadsheet", url, file="b.csv")] == ROWS


@pytest.mark.usefixtures("short_pauses")
def test_a_file_cut_on_its_way_is_an_error(httpserver: HTTPServer, read: Read) -> None:
    def cut(_: Request) -> Response:
        response = Response(TABLE[:-8].encode())
        response.automatically_set_content_length = False
        response.headers["Content-Length"] = str(len(TABLE.encode()))
        return response

    httpserver.expect_request("/f.csv").respond_with_handler(cut)
    with pytest.raises(FetchError):
        read("spreadsheet", httpserver.url_for("/f.csv"))


def test_rows_say_when_they_changed(serve: Callable[..., str], read: Read) -> None:
    rows = read("spreadsheet", serve("/f.csv", "id;Date de MAJ;date_maj\n1;x;02/01/2024\n2;;\n"))
    assert [r.date for r in rows] == ["2024-01-02", ""]


def test_cells_merged_above_the_titles(serve: Callable[..., str], read: Read) -> None:
    text = "Identité;;Localisation;\nNom;Descriptif;Ville;Code postal\n"
    text += "Atelier;On répare;Nantes;44000\nCafé;On parle;Lormes;58140\n"
    first = read("spreadsheet", serve("/f.csv", text))[0]
    assert first.data == {
        "Nom": "Atelier", "Descriptif": "On répare", "Ville": "Nantes", "Code postal": "44000",
    }  # fmt: skip


def test_titles_of_which_some_are_missing_are_the_titles(
    serve: Callable[..., str], read: Read
) -> None:
    text = "Nom;;;Ville\nAtelier;47.2184;-1.5536;Nantes\nCafé;47.2901;3.8151;Lormes\n"
    first = read("spreadsheet", serve("/f.csv", text))[0]
    assert list(first.data) == ["Nom", "colonne 2", "colonne 3", "Ville"]


def test_a_table_without_titles_keeps_its_first_row(serve: Callable[..., str], read: Read) -> None:
    text = "Atelier;https://exemple.fr/1;44109;Nantes\nCafé;https://exemple.fr/2;58145;Lormes\n"
    rows = read("spreadsheet", serve("/f.csv", text))
    assert [row.data["colonne 1"] for row in rows] == ["Atelier", "Café"]


def test_years_as_titles_are_titles(serve: Callable[..., str], read: Read) -> None:
    text = "Commune;2018;2019;2020\nNantes;3091;3140;3181\nLormes;12;13;14\n"
    assert list(read("spreadsheet", serve("/f.csv", text))[0].data)[1:] == ["2018", "2019", "2020"]
