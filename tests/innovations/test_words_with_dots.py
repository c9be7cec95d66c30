"""Names with dots are words; addresses are none."""

import pytest
from django.db import connection
from django.http import QueryDict

from innovations.search import InnovationSearch
from tests.factories import InnovationFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Simplon.co", "co simplon"),
        ("emmaus-connect.org", "connect emmaus orgqq"),
        ("une S.C.O.P. du bourg", "bourg scopqq"),
        ("L’A.M.A.P.", "amap"),
        ("covid.19", "19 covid"),
        ("La fin.Début", "debut finqq"),
        ("Écrire à prenom.nom@exemple.fr.", "ecrir"),
        ("http://www.exemple.org/page.html", ""),
        ("3.5 km", "km"),
        ("etc... . .a", "a etcqq"),
    ],
)
def test_words_of_a_text(written: str, words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tsvector_to_array(to_tsvector('carrefour', carrefour_words(%s)))", [written]
        )
        [(found,)] = cursor.fetchall()

    assert " ".join(found) == words


@pytest.mark.parametrize("text", ["simplon", "Simplon.co", "simplon co"])
def test_a_name_with_a_dot_is_found_with_it_or_without(text: str) -> None:
    InnovationFactory(published=True, title="Simplon.co, école du numérique")
    InnovationFactory(published=True, title="Une autre école")
    search = InnovationSearch.from_query(QueryDict(f"q={text}"))

    assert search.total == 1
    assert not search.notices
