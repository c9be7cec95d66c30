"""When little holds all the words: what means the same is added, then what says enough of them."""

from innovations.equivalents import with_terms
from innovations.search_found import Found
from innovations.search_kin import with_families
from innovations.search_needs import is_told, with_needs
from innovations.search_words import Words, read

# With fewer results, words are said otherwise, then some of them are enough.
ENOUGH = 10


def answering(said: Found, text: str) -> Found:
    """What answers ``text``, from ``said``, which holds all its words.

    A need told in one's own words is always looked for in those of the field too, as few as hold
    its words or many.
    """
    words = said.asked.words
    if not words.groups or (said.unfaceted_total >= ENOUGH and not is_told(text)):
        return said
    loosest = wider = _widened(said, text)
    if wider.unfaceted_total >= ENOUGH or len(words.groups) < 2:
        return wider
    base = wider if wider.asked.words.near else said.taking(_of_need(words, text))
    for looser in base.asked.words.looser(base.worths()):
        loosest = said.taking(looser)
        if loosest.unfaceted_total >= ENOUGH:
            break
    return loosest if loosest.unfaceted_total > wider.unfaceted_total else wider


def _widened(said: Found, text: str) -> Found:
    """With the records of the terms that have these words for synonyms, those that say words of
    the family of one that few records hold, and what the field calls the need."""
    rare = {group.written for group, rows in said.holders.items() if rows < ENOUGH}
    words = _of_need(with_families(read(text, with_terms), rare), text)
    if not words.is_widened:
        return said
    wider = said.taking(words)
    return wider if wider.unfaceted_total > said.unfaceted_total else said


def _of_need(words: Words, text: str) -> Words:
    return with_needs(words) if is_told(text) else words
