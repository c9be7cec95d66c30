"""Streamed workbooks open in the programs that read them."""

import io

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from carrefour import workbooks
from carrefour.workbooks import workbook


def book(rows: list[list[str]], **more: object) -> bytes:
    return b"".join(workbook(rows, "Fiches", **more))  # type: ignore[arg-type]


def test_two_readers_find_the_same_cells() -> None:
    content = book([["nom", "an"], ["Été & <b>", "2014"], ["", "03"]], numbers=frozenset({"an"}))

    sheet = openpyxl.load_workbook(io.BytesIO(content))["Fiches"]
    assert list(sheet.values) == [("nom", "an"), ("Été & <b>", 2014), (None, "03")]
    other = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert other.to_python() == [
        ["nom", "an"], ["Été & <b>", 2014.0], ["", "03"],
    ]  # fmt: skip


def test_a_full_sheet_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "SHEET", 3)

    content = book([["n"], *([str(n)] for n in range(5))])

    found = openpyxl.load_workbook(io.BytesIO(content))
    assert found.sheetnames == ["Fiches", "Fiches 2", "Fiches 3"]
    assert [cell for (cell,) in found["Fiches 3"].values] == ["n", "4"]


def test_a_text_longer_than_a_cell_is_cut_and_formulas_are_texts() -> None:
    content = book([["a"], ["x" * 40_000], ["=1+1"]])

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert len(sheet["A2"].value) == 32_767
    assert (sheet["A3"].value, sheet["A3"].data_type) == ("=1+1", "s")


def test_the_first_bytes_come_before_the_last_row_is_read() -> None:
    read: list[int] = []

    def rows() -> object:
        yield ["n"]
        for number in range(5_000):
            read.append(number)
            yield [str(number)]

    next(workbook(rows(), "Fiches"))  # type: ignore[arg-type]

    assert len(read) <= workbooks.AT_ONCE
