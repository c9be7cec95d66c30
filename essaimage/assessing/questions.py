"""The questions of the self-assessment: versioned content, in essaimage/data/auto-evaluation/."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "data" / "auto-evaluation"
# The codes of the scale that the profile reads; their labels are content.
DONE, UNDER_WAY, TO_BUILD, UNKNOWN = "acquis", "en-chemin", "a-construire", "inconnu"


@dataclass(frozen=True)
class Question:
    """``field``: the text of « Pour reproduire ce projet » that answers it at length, or ""."""

    code: str
    text: str
    next: str
    help: str = ""
    field: str = ""


@dataclass(frozen=True)
class Area:
    code: str
    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Part:
    """One of the study's four questions."""

    code: str
    title: str
    lead: str
    areas: tuple[Area, ...]

    def questions(self) -> Iterator[Question]:
        for area in self.areas:
            yield from area.questions


@dataclass(frozen=True)
class Mode:
    """A form of diffusion to discuss; ``rests_on``: the questions that bear on it most."""

    code: str
    title: str
    idea: str
    ask: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True)
class Family:
    """A line of the study's table of families of innovators (≈ pp. 24–25): exploratory."""

    title: str
    position: str
    full_take_up: str
    relations: str


@dataclass(frozen=True)
class Questionnaire:
    version: str
    title: str
    introduction: str
    scale: Mapping[str, str]
    parts: tuple[Part, ...]
    modes: tuple[Mode, ...]
    families: tuple[Family, ...]

    def questions(self) -> Iterator[Question]:
        for part in self.parts:
            yield from part.questions()

    def by_code(self) -> dict[str, Question]:
        return {question.code: question for question in self.questions()}

    def part(self, code: str) -> Part | None:
        return next((part for part in self.parts if part.code == code), None)


def versions() -> list[str]:
    """All versions, the oldest first: « 2026-1 », « 2026-2 »…"""
    return sorted((path.stem for path in FOLDER.glob("*.toml")), key=_rank)


def latest() -> Questionnaire:
    return load(versions()[-1])


@cache
def load(version: str) -> Questionnaire:
    """Raises ``LookupError`` when there is no such version."""
    if version not in versions():
        raise LookupError(f"Questionnaire inconnu : {version}")
    said = tomllib.loads((FOLDER / f"{version}.toml").read_text(encoding="utf-8"))
    return Questionnaire(
        version=said["version"],
        title=said["title"],
        introduction=said["introduction"],
        scale={one["code"]: one["label"] for one in said["scale"]},
        parts=tuple(_part(part) for part in said["parts"]),
        modes=tuple(
            Mode(**{**mode, "rests_on": tuple(mode["rests_on"])}) for mode in said["modes"]
        ),
        families=tuple(Family(**family) for family in said["families"]),
    )


def _part(said: Mapping[str, Any]) -> Part:
    areas = tuple(
        Area(area["code"], area["title"], tuple(Question(**one) for one in area["questions"]))
        for area in said["areas"]
    )
    return Part(said["code"], said["title"], said["lead"], areas)


def _rank(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("-"))
