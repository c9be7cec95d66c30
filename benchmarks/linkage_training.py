"""Learn the weights of linkage on labelled pairs of real records, none of which is kept:
``python benchmarks/linkage_training.py --data FOLDER [--write]``.

Two logistic formulas with a penalty, each weight held to the sign that sense gives it, so that few
pairs cannot teach nonsense. Only the part « tune » is read. Prints what cross-validation by groups
of linked projects says; ``--write`` writes partners/data/linkage/weights.json.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

FOLDS = 8
ROUNDS = 4000
PENALTY = {"lien": 1.5, "meme": 1.5}
# +1 or -1: the only sign allowed; 0: either; None: not used.
LINK: dict[str, int | None] = {
    "nom": 1, "titre": 1, "titre-egal": 1, "mots-communs": 1, "mots-rares": 1,
    "mots-communs-rares": 1, "titre-egal-rare": 1, "sans-nom": 0, "sigle": 1, "genre": 1,
    "genre-en-plus": 0, "autre-genre": -1,
    "titre-contenu": 1, "proche-titre-contenu": 1, "lieu-seul-proche": 1, "reseau": 1,
    "reseau-ailleurs": None, "autre-numero": -1, "numero": 1,
    "commune": 1, "autre-commune": -1, "proche": 1, "proche-nom": 1, "proche-mots": 1,
    "commune-mots-rares": 1, "commune-titre-sans-nom": 1, "loin": -1, "lieux": None, "site-web": 1,
    "site-web-nom": 1, "site-web-commune": 1, "site-web-commun": 1, "autre-site-web": -1,
    "page": 1, "porteur": 1, "autre-porteur": -1, "texte": 1, "texte-nom": 1, "autre-texte": -1,
    "annees": -1, "source": None,
}  # fmt: skip
SAME: dict[str, int | None] = {
    "titre-egal": 0, "autre-numero": -1, "commune": 1, "autre-commune": -1, "proche": 1,
    "loin": -1, "reseau-ailleurs": -1, "site-web-commune": 1, "page": 1, "lieux": 0, "source": -1,
    "sans-nom": 0,
}  # fmt: skip


# What a weight is drawn to, instead of to nothing, where labelled pairs say too little.
EXPECTED = {
    "page": 2.0, "sigle": 1.0, "texte-nom": 1.0, "porteur": 0.7, "autre-numero": -1.0,
    "autre-genre": -1.0, "loin": -0.3, "annees": -0.3, "commune-mots-rares": 0.5,
}  # fmt: skip


def fitted(
    x: np.ndarray, y: np.ndarray, signs: np.ndarray, drawn: np.ndarray, penalty: float
) -> np.ndarray:
    """Weights (the last is the base) by projected gradient descent with momentum."""
    x = np.hstack([x, np.ones((len(x), 1))])
    w = np.zeros(x.shape[1])
    before, speed = w.copy(), 4.0 / (np.linalg.norm(x, 2) ** 2 + penalty)
    for turn in range(ROUNDS):
        ahead = w + turn / (turn + 3) * (w - before)
        slope = x.T @ (1 / (1 + np.exp(-x @ ahead)) - y)
        slope[:-1] += penalty * (ahead[:-1] - drawn)
        before, w = w, ahead - speed * slope
        w[:-1] = np.where(w[:-1] * signs < 0, 0, w[:-1])
    return w


def learnt(said: dict[str, np.ndarray], verdicts: np.ndarray) -> dict[str, dict[str, float]]:
    """The weights of both formulas; uncertain pairs teach nothing."""
    linked = np.isin(verdicts, ["same", "site"])
    told = verdicts != "uncertain"
    return {
        "lien": _formula(said, LINK, linked, told, PENALTY["lien"]),
        "meme": _formula(said, SAME, verdicts == "same", linked, PENALTY["meme"]),
    }


def _formula(
    said: dict[str, np.ndarray],
    signs: dict[str, int | None],
    y: np.ndarray,
    kept: np.ndarray,
    penalty: float,
) -> dict[str, float]:
    names = [name for name, sign in signs.items() if sign is not None]
    x = np.stack([said[name][kept] for name in names], axis=1).astype(float)
    held = np.array([signs[name] for name in names])
    drawn = np.array([EXPECTED.get(name, 0.0) if signs is LINK else 0.0 for name in names])
    w = fitted(x, y[kept].astype(float), held, drawn, penalty)
    return {
        name: round(float(v), 3) for name, v in zip(["base", *names], [w[-1], *w[:-1]], strict=True)
    }


def groups_of(pairs: list[Any]) -> np.ndarray:
    """A number per pair: that of the projects it joins, directly or through others."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while (up := above.setdefault(name, name)) != name:
            name = up
        return name

    for pair in pairs:
        above[top(pair.a)] = top(pair.b)
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(top(p.a), len(numbers)) for p in pairs])


def cross_validated(
    found: Any, said: dict[str, np.ndarray], verdicts: np.ndarray, groups: np.ndarray
) -> dict[str, Any]:
    """What the formulas say of pairs that they did not learn from."""
    from partners.consolidation import scoring

    score, same = np.zeros(len(verdicts)), np.zeros(len(verdicts))
    for fold in range(FOLDS):
        held = groups % FOLDS == fold
        weights = learnt({n: v[~held] for n, v in said.items()}, verdicts[~held])
        scored = scoring.scores(found, weights)
        score[held], same[held] = scored.score[held], scored.same[held]
    linked = np.isin(verdicts, ["same", "site"])
    apart = verdicts == "distinct"
    right = (same >= 0.5) == (verdicts == "same")
    steps = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 0.9)
    return {
        "recall": {s: round(float((score[linked] >= s).mean()), 3) for s in steps},
        "distinct kept": {s: round(float((score[apart] >= s).mean()), 3) for s in steps},
        "same or site right": round(float(right[linked].mean()), 3),
        "scores": score,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real files")
    parser.add_argument("--write", action="store_true", help="write the weights")
    options = parser.parse_args()
    from benchmarks.database import database

    with database("linkage_training"):
        from benchmarks.linkage_labels import table_of
        from partners.consolidation import scoring
        from partners.consolidation.likenesses import likenesses
        from partners.consolidation.tables import Frequencies, Weighed
        from tests.partners.consolidation.pairs import labelled

        positions, table = table_of(options.data)
        pairs = [p for p in labelled() if p.part == "tune" and {p.a, p.b} <= positions.keys()]
        first, second = (np.array([positions[getattr(p, s)] for p in pairs]) for s in "ab")
        found = likenesses(Weighed.of(table, Frequencies.of(table.packed)), first, second)
    said = scoring.evidence(found)
    verdicts = np.array([p.verdict for p in pairs])
    told = cross_validated(found, said, verdicts, groups_of(pairs))
    told.pop("scores")
    weights = learnt(said, verdicts)
    if options.write:
        note = "Poids appris par benchmarks/linkage_training.py (part « tune »)."
        document = {"note": note, "pairs": len(pairs), "cross-validation": told, "weights": weights}
        text = json.dumps(document, ensure_ascii=False, indent=1)
        scoring.WEIGHTS.write_text(text + "\n", encoding="utf-8")
    said = {"pairs": len(pairs), **told, "weights": weights}
    print(json.dumps(said, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
