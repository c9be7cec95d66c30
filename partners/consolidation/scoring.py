"""From likenesses to a score and a verdict, by two small formulas whose weights are data.

``lien`` says how likely both records tell one innovation, ``meme`` how likely, in that case, they
tell it of one place. The weights are learnt by ``benchmarks/linkage_training.py`` on the labelled
pairs kept for that; each has the sign that sense gives it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from partners.consolidation.likenesses import NEAR, RARE, Likenesses
from partners.consolidation.wording import FOLDER
from partners.models.consolidation import Verdict

# Raise it when the same records would get another score; written on each pair.
ENGINE = "1"
WEIGHTS = FOLDER / "weights.json"
# Below the first a pair is not kept; between both no verdict is proposed.
ASKED, TOLD = 0.2, 0.5
# Two places of one national network are asked last.
OF_NETWORK = 0.5
Weights = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Scores:
    """By pair: ``score`` (0 to 1, that they are one innovation), ``same`` (0 to 1, that it is in
    one place, if so)."""

    score: np.ndarray
    same: np.ndarray

    @property
    def kept(self) -> np.ndarray:
        return self.score >= ASKED

    def verdict(self, position: int) -> Verdict:
        if self.score[position] < ASKED:
            return Verdict.DISTINCT
        if self.score[position] < TOLD:
            return Verdict.UNCERTAIN
        return Verdict.SAME if self.same[position] >= 0.5 else Verdict.SITE


def scores(found: Likenesses, weights: Weights | None = None) -> Scores:
    """Score each pair; ``weights``: others than the committed ones, to try them."""
    said = evidence(found)
    weights = weights or committed()
    score = np.where(specific(found), _chance(said, weights["lien"]), 0)
    score = np.where(of_network(found), np.minimum(score, OF_NETWORK), score)
    return Scores(score, _chance(said, weights["meme"]))


def of_network(found: Likenesses) -> np.ndarray:
    """Whether all that both share is a network that has places in both towns."""
    of_it: np.ndarray = (found.network == 1) & (found.commune == 0) & ~(found.rarest >= RARE)
    return of_it


def specific(found: Likenesses) -> np.ndarray:
    """Whether both have more in common than a kind of body: two libraries of two towns have not."""
    placed = (found.commune == 1) | (found.distance < NEAR)
    said = (found.host == 1) | (found.page == 1) | (found.text >= 0.3) | (found.porteur >= 0.95)
    return (found.rarest >= RARE) | (found.initials == 1) | (found.network == 1) | placed | said


@cache
def committed() -> Weights:
    return json.loads(WEIGHTS.read_text("utf-8"))["weights"]


def _chance(said: Mapping[str, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
    total = np.full(len(said["nom"]), weights["base"], np.float32)
    for name, weight in weights.items():
        if name != "base" and weight:
            total += np.float32(weight) * said[name]
    return 1 / (1 + np.exp(-total))


def evidence(found: Likenesses) -> dict[str, np.ndarray]:
    """What the formulas weigh, each from 0 to 1."""
    said = {**_of_words(found), **_of_places(found), **_of_others(found)}
    return {name: value.astype(np.float32) for name, value in said.items()}


def _covered(found: Likenesses) -> np.ndarray:
    return (found.shared / np.maximum(found.least, 1e-6)).clip(0, 1) * (found.least > 0)


def _near(found: Likenesses) -> np.ndarray:
    return np.where(np.isnan(found.distance), 0, np.exp(-np.nan_to_num(found.distance) / 0.4))


def _called(found: Likenesses) -> np.ndarray:
    """How alike the names are, or the titles of those that have none."""
    title = np.where(np.isnan(found.name), found.title, 0)
    return np.maximum(np.nan_to_num(found.name), np.nan_to_num(title))


def _of_words(found: Likenesses) -> dict[str, np.ndarray]:
    covered, telling = _covered(found), found.shared.clip(0, 2) / 2
    return {
        "nom": np.nan_to_num(found.name),
        "titre": np.nan_to_num(found.title),
        "titre-egal": found.title >= 0.97,
        "mots-communs": covered,
        "mots-rares": telling,
        "mots-communs-rares": covered * telling,
        "titre-egal-rare": (found.title >= 0.97) * telling,
        "sans-nom": np.isnan(found.name),
        "sigle": found.initials,
        "genre": found.kind == 1,
        "genre-en-plus": (found.kind == -0.25) | (found.kind == -0.5),
        "autre-genre": found.kind == -1,
        "titre-contenu": found.contained,
        "reseau": found.network,
        "autre-numero": found.number == -1,
        "numero": found.number == 1,
        "texte": np.nan_to_num(found.text),
        "texte-nom": np.nan_to_num(found.text) * _called(found),
        "autre-texte": found.text < 0.05,
    }


def _of_places(found: Likenesses) -> dict[str, np.ndarray]:
    covered, near, beside = _covered(found), _near(found), found.commune == 1
    telling = found.shared.clip(0, 2) / 2
    return {
        "proche-titre-contenu": near * found.contained,
        "lieu-seul-proche": found.bare * near * beside,
        "reseau-ailleurs": found.network * (found.commune == 0),
        "commune": beside,
        "autre-commune": found.commune == 0,
        "proche": near,
        "proche-nom": near * _called(found),
        "proche-mots": near * covered,
        "commune-mots-rares": beside * covered * telling,
        "commune-titre-sans-nom": np.isnan(found.name) * beside * np.nan_to_num(found.title),
        "loin": found.distance > 20,
        "lieux": found.reach > 1,
    }


def _of_others(found: Likenesses) -> dict[str, np.ndarray]:
    own = (found.host == 1) * found.own
    return {
        "site-web": own,
        "site-web-nom": own * _covered(found),
        "site-web-commune": own * (found.commune == 1),
        "site-web-commun": (found.host == 1) * (1 - found.own),
        "autre-site-web": found.host == -1,
        "page": found.page,
        "porteur": np.nan_to_num(found.porteur) >= 0.9,
        "autre-porteur": found.porteur < 0.7,
        "annees": found.years >= 3,
        "source": found.source,
    }
