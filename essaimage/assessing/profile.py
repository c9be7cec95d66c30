"""What the answers show: a profile by area, gaps with a next step, what to discuss; no total."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from essaimage.assessing.questions import (
    DONE,
    TO_BUILD,
    UNDER_WAY,
    UNKNOWN,
    Area,
    Mode,
    Part,
    Question,
    Questionnaire,
)

# In the order in which a bar shows them; "" stands for the questions left without an answer.
ORDER = (DONE, UNDER_WAY, TO_BUILD, UNKNOWN, "")
UNANSWERED = "Sans réponse"
TEXT = "texte-"


@dataclass(frozen=True)
class Segment:
    """A piece of an area's bar: ``start`` and ``width`` in hundredths of it."""

    code: str
    label: str
    count: int
    start: float
    width: float


@dataclass(frozen=True)
class AreaProfile:
    area: Area
    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """« 2 acquis, 1 à construire » for who does not see the bar."""
        return ", ".join(f"{s.label.lower()} : {s.count}" for s in self.segments if s.count)


@dataclass(frozen=True)
class PartProfile:
    part: Part
    areas: tuple[AreaProfile, ...]


@dataclass(frozen=True)
class Gap:
    """A question that is not settled, and the step that it suggests."""

    part: Part
    question: Question
    answer: str
    label: str


@dataclass(frozen=True)
class ModeTalk:
    """A form of diffusion to discuss, with what was answered to the questions that bear on it."""

    mode: Mode
    rests_on: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Profile:
    parts: tuple[PartProfile, ...]
    strengths: tuple[Question, ...]
    gaps: tuple[Gap, ...]
    modes: tuple[ModeTalk, ...]
    texts: tuple[tuple[Question, str], ...]
    answered: int
    total: int

    @property
    def is_empty(self) -> bool:
        return not self.answered


@dataclass(frozen=True)
class Change:
    """A question whose answer differs between two rounds; codes and labels, "" when none."""

    question: Question
    before: str
    after: str
    before_label: str
    after_label: str

    @property
    def is_ahead(self) -> bool | None:
        """Whether it went forward on the scale; None when one of the two is no step of it."""
        steps = (TO_BUILD, UNDER_WAY, DONE)
        if self.before not in steps or self.after not in steps:
            return None
        return steps.index(self.after) > steps.index(self.before)


def profile(asked: Questionnaire, answers: Mapping[str, Any]) -> Profile:
    questions = list(asked.questions())
    codes = {question.code for question in questions}
    return Profile(
        parts=tuple(_part(part, asked, answers) for part in asked.parts),
        strengths=tuple(q for q in questions if answers.get(q.code) == DONE),
        gaps=tuple(_gaps(asked, answers)),
        modes=tuple(_mode(mode, asked, answers) for mode in asked.modes),
        texts=tuple((q, str(answers.get(TEXT + q.field, ""))) for q in questions if q.field),
        answered=sum(code in codes and bool(said) for code, said in answers.items()),
        total=len(questions),
    )


def changes(
    asked: Questionnaire, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Sequence[Change]:
    """What moved between two rounds, on the questions of ``asked``."""
    found = []
    for question in asked.questions():
        one, other = str(before.get(question.code, "")), str(after.get(question.code, ""))
        if one != other:
            found.append(Change(question, one, other, label(asked, one), label(asked, other)))
    return found


def label(asked: Questionnaire, code: str) -> str:
    return asked.scale.get(code, UNANSWERED)


def _part(part: Part, asked: Questionnaire, answers: Mapping[str, Any]) -> PartProfile:
    return PartProfile(part, tuple(_area(area, asked, answers) for area in part.areas))


def _area(area: Area, asked: Questionnaire, answers: Mapping[str, Any]) -> AreaProfile:
    said = [str(answers.get(question.code, "")) for question in area.questions]
    start, segments = 0.0, []
    for code in ORDER:
        count = said.count(code)
        width = round(100 * count / len(said), 2)
        segments.append(Segment(code, label(asked, code), count, start, width))
        start = round(start + width, 2)
    return AreaProfile(area, tuple(segments))


def _gaps(asked: Questionnaire, answers: Mapping[str, Any]) -> list[Gap]:
    """What is to be built first, then what is not known, then what is under way."""
    rank = (TO_BUILD, UNKNOWN, UNDER_WAY)
    found = [
        Gap(part, question, said, label(asked, said))
        for part in asked.parts
        for question in part.questions()
        if (said := str(answers.get(question.code, ""))) in rank
    ]
    return sorted(found, key=lambda gap: rank.index(gap.answer))


def _mode(mode: Mode, asked: Questionnaire, answers: Mapping[str, Any]) -> ModeTalk:
    known = asked.by_code()
    said = {code: str(answers.get(code, "")) for code in mode.rests_on}
    return ModeTalk(mode, tuple((known[c].text, a, label(asked, a)) for c, a in said.items()))
