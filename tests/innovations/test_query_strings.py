"""Whatever an address holds: it comes back the same, breaks nothing, and what is left is told."""

from dataclasses import replace
from urllib.parse import quote_plus, urlencode

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innovations.search import InnovationSearch
from innovations.search_criteria import SORTS, VIEWS
from innovations.search_place import PlaceAnswer
from tests.factories import InnovationFactory, TermFactory, TerritoryFactory

pytestmark = pytest.mark.django_db
ADDRESSES = (
    "/recherche/",
    "/recherche/points.json",
    "/recherche/export.csv",
    "/recherche/suggestions/",
    "/api/v1/innovations/",
)
SINGLE = (
    "q", "lieu", "territoire", "annee_min", "annee_max", "bbox", "autour", "rayon", "lieux",
    "corriger", "varier", "tri", "vue", "page",
)  # fmt: skip
MANY = ("theme", "public", "methode", "nature", "zone", "partenaire", "maturite", "commun", "forme")
DEFAULTS = {
    ("tri", "pertinence"), ("vue", "liste"), ("page", "1"), ("varier", "oui"), ("lieux", "oui"),
    ("corriger", "oui"),
}  # fmt: skip
GOOD = {
    "q": ["jardin", "mobilité Bretagne", "autour de Saint-Brieuc 30 km", "-école", '"un deux"'],
    "lieu": ["Bretagne", "Saint-Brieuc"],
    "territoire": ["region-53", "commune-22278"],
    "annee_min": ["2010"],
    "annee_max": ["2012"],
    "bbox": ["-5.123456,47,0,49.5"],
    "autour": ["48.5123,-2.7"],
    "rayon": ["0", "30", "200"],
    "lieux": ["oui", "non"],
    "corriger": ["oui", "non"],
    "varier": ["oui", "non"],
    "tri": [*SORTS],
    "vue": [*VIEWS],
    "page": ["1", "2"],
    "theme": ["emploi", "culture"],
    "nature": ["sociale", "publique"],
    "zone": ["region-53"],
    "commun": ["oui"],
}
NASTY = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["\x00", "'", '"', '""', "«", "-", "--", "ou", "ou ou", "&|!()", "a:*", "\\", "9" * 400,
         "1e999", "-0", "nan,nan,nan,nan", "inf,inf", "1,2", "²", "٣", "\ud800", "\u202e", "%", "_",
         "autour de", "30 km", "(29)", "à " * 90, "é" * 10_000, "a-" * 5_000, "'" * 200, "{}", "\t"]
    ),
)  # fmt: skip
NAMES = st.sampled_from([*SINGLE, *MANY, "inconnu", "", "q[]", "\x00", "utm_source"])
PAIRS = st.one_of(
    st.tuples(NAMES, NASTY),
    st.sampled_from([(name, value) for name, values in GOOD.items() for value in values]),
)
few = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def records() -> None:
    region = TerritoryFactory(a_region=True)
    town = TerritoryFactory(code="22278", name="Saint-Brieuc", region=region)
    terms = [TermFactory(code="emploi"), TermFactory(code="culture")]
    for title in ("Jardin", "Mobilité à l’école"):
        InnovationFactory(published=True, title=title, territory=town, terms=terms)


def ask(query: str) -> InnovationSearch:
    return InnovationSearch.from_query(QueryDict(query))


def written(pairs: list[tuple[str, str]]) -> str:
    return urlencode([(n, v) for n, v in pairs], errors="surrogatepass")


@few
@given(pairs=st.lists(PAIRS, max_size=8))
def test_any_state_comes_back_from_its_address(records: None, pairs: list[tuple[str, str]]) -> None:
    search = ask(written(pairs))
    again = ask(search.query_string())

    assert again.query_string() == search.query_string()
    place = PlaceAnswer(territory=search.criteria.place.territory)
    if place.territory is None:
        place = search.criteria.place
    expected = replace(search.criteria, place=place, notices=again.criteria.notices)
    assert again.criteria == expected
    assert again.total == search.total


@few
@given(pairs=st.lists(PAIRS, max_size=6))
def test_what_is_not_used_is_told(records: None, pairs: list[tuple[str, str]]) -> None:
    search = ask(written(pairs))
    if search.notices or search.criteria.place.is_unused:
        return
    used = search.parameters()
    if search.criteria.place.territory:
        used["lieu"] = []
    for name, value in pairs:
        is_void = not value.replace("\x00", " ").strip() or (name, value) in DEFAULTS
        assert is_void or name in used or name.startswith("utm_"), (name, value)


@few
@given(
    address=st.sampled_from(ADDRESSES),
    query=st.one_of(
        st.lists(PAIRS, max_size=6).map(written),
        st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
    ),
)
def test_no_query_string_breaks_a_page(
    records: None, client: Client, address: str, query: str
) -> None:
    answer = client.get(address, QUERY_STRING=query)

    assert answer.status_code in {200, 302, 400}, query
    b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "query",
    [
        "&".join(f"p{n}=1" for n in range(3000)),
        "&".join(f"theme=t{n}" for n in range(900)),
        "q=" + "x" * 10_000,
        "q=" + quote_plus("été " * 3000),
        "q=%ED%A0%80&lieu=%ED%B0%80",
        "q=%00&q=%00&theme=%00&bbox=%00",
        "annee_min=" + "9" * 5000 + "&page=" + "9" * 5000 + "&rayon=" + "9" * 5000,
        "annee_min=000002000" + "9" * 180 + "&annee_max=000002000" + "9" * 180,
        "page=000000001" + "9" * 150 + "&autour=48,-2&rayon=000000200" + "9" * 150,
        "=&&&=;;?&q",
        "champ=lieu&q=" + quote_plus("٣²"),
    ],
)
def test_extremes_break_nothing(records: None, client: Client, address: str, query: str) -> None:
    answer = client.get(address, QUERY_STRING=query)

    assert answer.status_code in {200, 302, 400}
    b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_page_says_what_it_left_aside(records: None, client: Client) -> None:
    page = client.get("/recherche/", {"couleur": "bleu", "q": "jardin"}).content.decode()

    assert "couleur" in page
    assert "n’existe pas" in page
