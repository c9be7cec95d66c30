"""One kit from what was gathered. Pure: no query, no clock."""

import datetime

from django.utils.dateformat import format as formatted

from carrefour.french import counted, grouped
from essaimage.kit import drawing, steps
from essaimage.kit.asking import Asking, asking
from essaimage.kit.blocks import Block, Entries, Entry, Kit, Links, Passage, Section, Subtitle
from essaimage.kit.elsewhere import Elsewhere
from essaimage.kit.reading import Gathered
from essaimage.kit.record_sections import RecordSections
from essaimage.models import ReplicationState as State

# Places named on the cover.
MOST_PLACES = 4


def build(gathered: Gathered, as_of: datetime.date) -> Kit:
    """``as_of``: the day on which it was gathered."""
    asked = asking(gathered)
    record = RecordSections(gathered, asked)
    elsewhere = Elsewhere(gathered, record, asked)
    told = (
        record.project(),
        record.need(),
        record.core(),
        elsewhere.margin(),
        record.conditions(),
        record.means(),
        record.economics(),
        record.porteur(),
        steps.section(gathered.innovation, gathered.page),
        elsewhere.obstacles(),
        elsewhere.replications(),
        elsewhere.results(),
    )
    innovation = gathered.innovation
    porteur = innovation.organisation
    return Kit(
        slug=innovation.slug,
        title=innovation.title,
        lead=record.lead,
        structure=porteur.name if porteur else "",
        place=place(gathered),
        known=known(gathered),
        address=innovation.get_absolute_url(),
        as_of=as_of,
        facts=record.facts(),
        map=drawing.drawn(gathered),
        sections=(*told, unsaid(told, asked), record.sources(formatted(as_of, "j F Y"))),
    )


def place(gathered: Gathered) -> str:
    """Where the project acts, in a line; "" when no source says it."""
    places = gathered.page.places
    names = list(dict.fromkeys(p.territory.name if p.territory else p.label for p in places))
    shown = [name for name in names if name]
    more = len(shown) - MOST_PLACES
    return ", ".join(shown[:MOST_PLACES]) + (f" et {more} autres lieux" if more > 0 else "")


def known(gathered: Gathered) -> str:
    """« 1 en activité, 1 arrêtée », « aucune commencée, 2 envisagées ou en préparation »."""
    count = gathered.states
    running = count[State.EN_COURS] + count[State.PERENNISEE]
    stopped = count[State.ABANDONNEE] - gathered.unborn
    planned = count[State.ENVISAGEE] + count[State.EN_PREPARATION]
    told = [
        f"{grouped(running)} en activité" if running else "",
        counted(stopped, "arrêtée") if stopped else "",
        f"{counted(planned, 'envisagée')} ou en préparation" if planned else "",
        counted(gathered.unborn, "inaboutie") if gathered.unborn else "",
    ]
    # What is only planned, or was given up before it began, is no spread.
    none = "Aucune commencée" if planned or gathered.unborn else "Aucune pour l’instant"
    return ", ".join(filter(None, [none if not (running or stopped) else "", *told]))


def unsaid(sections: tuple[Section, ...], asked: Asking) -> Section:
    """All that is missing, section by section, and everyone who may know."""
    told = tuple(
        Entry(section.title, (Passage("p", (" ; ".join(section.missing),)),))
        for section in sections
        if section.missing
    )
    blocks: list[Block] = [Entries(told), Subtitle("À qui le demander")] if told else []
    blocks.append(Links(asked.everyone()))
    intro = (
        "Ce que personne n’a encore dit au Carrefour. Demandez-le, puis proposez la réponse pour "
        "la fiche : le prochain repreneur la trouvera dans son kit."
        if told
        else "Tout est renseigné. Pour aller plus loin, voici à qui parler."
    )
    return Section("manque", "Ce qui manque, et à qui le demander", intro, tuple(blocks))
