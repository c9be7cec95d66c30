"""The figures of a search: one bar chart per question, each with the search behind each bar."""

from collections.abc import Iterable
from dataclasses import dataclass

from carrefour.french import counted
from innovations.models import Term
from innovations.search import InnovationSearch
from innovations.search_facets import FACETS
from innovations.search_page import SearchPage
from territories.models import Territory

MOST_BARS = 15
ORDER = (
    "theme", "public", "methode", "departement", "annee", "maturite", "partenaire", "forme",
    "nature",
)  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """``share``: length of the bar, in percent of the longest, as SVG writes it."""

    label: str
    count: int
    share: str
    url: str = ""


@dataclass(frozen=True)
class Chart:
    """``rest`` tells what is not drawn: values beyond the first ones, records without a value."""

    name: str
    title: str
    heading: str
    bars: tuple[Bar, ...]
    rest: str = ""


def charts(search: InnovationSearch, page: SearchPage) -> list[Chart]:
    """By theme, public, method, year, département, source, nature, maturity and legal form."""
    found = {facet.name: _by_facet(search, page, facet.name) for facet in FACETS}
    found |= {"annee": _by_year(search), "departement": _by_departement(search)}
    return [found[name] for name in ORDER if found[name].bars]


def bars(counted: Iterable[tuple[str, int, str]]) -> tuple[Bar, ...]:
    """Bars of (label, count, url), their lengths in proportion."""
    rows = list(counted)
    longest = max((count for _, count, _ in rows), default=1) or 1
    return tuple(
        Bar(label, count, f"{count * 100 / longest:.1f}%", url) for label, count, url in rows
    )


def _by_facet(search: InnovationSearch, page: SearchPage, name: str) -> Chart:
    facet = next(f for f in FACETS if f.name == name)
    counts = dict(search.figures.get(name, {}))
    if facet.vocabulary:
        tops = {t.code for t in search.terms if _is_top(t, facet.vocabulary)}
        counts = {code: n for code, n in counts.items() if code in tops}
    labelled = [
        (page.label(facet, code), n, search.url(**{name: [code], "vue": "donnees"}))
        for code, n in counts.items()
    ]
    ordered = sorted(labelled, key=lambda row: (-row[1], row[0]))
    title = {"partenaire": "Par source", "nature": "Par nature", "forme": "Par forme juridique"}
    return Chart(
        name,
        title.get(name, f"Par {facet.label.lower().rstrip('s')}"),
        facet.label,
        bars(ordered[:MOST_BARS]),
        _beyond(len(ordered)),
    )


def _is_top(term: Term, vocabulary: str) -> bool:
    return term.vocabulary == vocabulary and term.parent_id is None


def _by_year(search: InnovationSearch) -> Chart:
    counts = {int(year): n for year, n in search.figures.get("annee", {}).items()}
    known = sum(counts.values())
    rows = [
        (str(year), counts[year], search.url(annee_min=year, annee_max=year, vue="donnees"))
        for year in sorted(counts)
    ]
    silent = search.total - known
    rest = f"L’année n’est pas connue pour {counted(silent, 'fiche')}." if silent else ""
    return Chart("annee", "Par année de démarrage", "Année de démarrage", bars(rows), rest)


def _by_departement(search: InnovationSearch) -> Chart:
    counts = search.figures.get("departement", {})
    pairs = [code.split("-", 1) for code in counts]
    known = Territory.objects.filter(
        kind__in=("departement", "collectivite"), code__in=[code for _, code in pairs]
    )
    names = {f"{t.kind}-{t.code}": f"{t.name} ({t.code})" for t in known}
    rows = [
        (names[code], n, search.url(territoire=code, lieu=None, vue="donnees"))
        for code, n in counts.items()
        if code in names
    ]
    ordered = sorted(rows, key=lambda row: (-row[1], row[0]))
    return Chart(
        "departement",
        "Par département",
        "Département",
        bars(ordered[:MOST_BARS]),
        _beyond(len(ordered)),
    )


def _beyond(number: int) -> str:
    if number <= MOST_BARS:
        return ""
    return f"Les {MOST_BARS} premiers sur {number} ; le fichier CSV les donne tous."
