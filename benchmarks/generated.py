"""Records in the shape of a partner's, generated and served over HTTP: what benchmarks harvest.

Deterministic: record number N is the same on every machine and in every run, unless it is made
with another ``edition``. Words are those of the field; nobody and nothing in them exists.
``python benchmarks/generated.py FOLDER`` serves the files of a folder and prints its port.
"""

import csv
import json
import random
import sys
from collections.abc import Iterator
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from territories.kinds import Kind
from territories.reference import files

PAGE = 1000
COLUMNS = (
    "id", "titre", "texte", "porteur", "themes", "publics", "commune", "cp", "page", "annee",
    "statut",
)  # fmt: skip
MAPPING = [
    {"target": "external_id", "path": "id"},
    {"target": "title", "path": "titre"},
    {"target": "description", "path": "texte", "transforms": [{"op": "clean_html"}]},
    {"target": "porteur_name", "path": "porteur"},
    {"target": "themes", "path": "themes", "transforms": [{"op": "split", "separators": ["|"]}]},
    {"target": "publics", "path": "publics"},
    {"target": "place", "path": "commune"},
    {"target": "postcode", "path": "cp"},
    {"target": "url", "path": "page"},
    {"target": "year", "path": "annee"},
    {"target": "maturity", "path": "statut"},
]
THINGS = (
    "atelier", "jardin", "café", "épicerie", "conciergerie", "maison", "école", "ressourcerie",
    "cantine", "bricothèque", "tiers-lieu", "garage", "bibliothèque", "pépinière", "laverie",
    "foyer", "plateforme", "réseau", "fabrique", "boutique",
)  # fmt: skip
KINDS = (
    "solidaire", "partagé", "associatif", "itinérant", "coopératif", "participatif", "numérique",
    "rural", "de quartier", "intergénérationnel", "citoyen", "d’insertion", "ouvert", "mobile",
)  # fmt: skip
AIMS = (
    "des habitants", "des vallons", "de la gare", "du canal", "des trois rivières", "du bocage",
    "des possibles", "des savoir-faire", "du bourg", "des collines", "de l’estuaire", "du marché",
    "des générations", "des mains", "du port", "de la plaine", "des passages", "du faubourg",
)  # fmt: skip
STRUCTURES = ("Association", "Coopérative", "Collectif", "Fondation", "CCAS", "Régie de quartier")
THEMES = (
    "Lien social", "Emploi", "Alimentation", "Mobilité", "Logement", "Santé", "Numérique",
    "Culture", "Éducation", "Environnement", "Énergie", "Handicap", "Jeunesse", "Vieillissement",
)  # fmt: skip
PUBLICS = ("Jeunes", "Personnes âgées", "Habitants", "Demandeurs d’emploi", "Familles", "NR")
STATES = ("En expérimentation", "Déployé", "Essaimé", "En cours", "Terminé", "Idée")
SENTENCES = (
    "Le projet est né d’un diagnostic mené avec les habitants de plusieurs communes voisines.",
    "Il réunit chaque semaine des bénévoles, des salariés en insertion et des voisins.",
    "Les personnes éloignées de l’emploi y trouvent un accompagnement à leur rythme.",
    "L’équipe répare, transforme et revend à prix libre des objets collectés localement.",
    "Une tournée hebdomadaire dessert les hameaux dépourvus de commerces et de services.",
    "La collectivité met à disposition un local et prend en charge une partie du loyer.",
    "Des ateliers de cuisine, de couture et de bricolage favorisent la transmission.",
    "Un comité d’usagers décide des horaires, des tarifs et des activités nouvelles.",
    "Le modèle économique repose sur des ventes, des subventions et du mécénat.",
    "Après trois ans, cent quarante foyers fréquentent régulièrement le lieu.",
    "L’évaluation menée avec une université montre un recul mesurable de l’isolement.",
    "La démarche a été reproduite dans deux départements, avec une charte commune.",
    "Les difficultés tiennent surtout au recrutement et à la stabilité des financements.",
    "Un outil libre de gestion des adhésions et des stocks a été développé et partagé.",
)


@cache
def towns() -> list[tuple[str, str]]:
    """(Name, postal code) of every commune that has one."""
    rows = (r for r in files.territories() if r.kind == Kind.COMMUNE and r.postal_codes)
    return [(r.name, r.postal_codes[0]) for r in rows]


def record(number: int, edition: int = 0) -> dict[str, str]:
    """The row of one project; another ``edition`` says otherwise what one in a hundred says."""
    draw = random.Random(number)
    title = f"{draw.choice(THINGS)} {draw.choice(KINDS)} {draw.choice(AIMS)}".capitalize()
    town, postcode = draw.choice(towns())
    told: list[str] = []
    length = draw.randint(600, 1500)
    while sum(map(len, told)) < length:
        told.append(draw.choice(SENTENCES))
    if edition and number % 100 == edition % 100:
        told.append(f"Édition {edition}.")
    half = len(told) // 2
    return {
        "id": f"projet-{number}",
        "titre": f"{title}, {town} {number % 977}",
        "texte": f"<p>{' '.join(told[:half])}</p><p><strong>{' '.join(told[half:])}</strong></p>",
        "porteur": f"{draw.choice(STRUCTURES)} {draw.choice(AIMS)} n° {draw.randrange(40_000)}",
        "themes": "|".join(draw.sample(THEMES, draw.randint(1, 3))),
        "publics": draw.choice(PUBLICS),
        "commune": town,
        "cp": postcode,
        "page": f"https://plateforme.exemple.fr/projets/{number}",
        "annee": str(draw.randint(2008, 2025)),
        "statut": draw.choice(STATES),
    }


def write_csv(path: Path, rows: int, edition: int = 0) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";")
        writer.writeheader()
        writer.writerows(record(n, edition) for n in range(rows))


def write_pages(folder: Path, rows: int, edition: int = 0) -> None:
    """One file per page of a JSON API: {"total", "items"}."""
    folder.mkdir(exist_ok=True)
    for page, start in enumerate(range(0, rows, PAGE), start=1):
        items = [record(n, edition) for n in range(start, min(start + PAGE, rows))]
        text = json.dumps({"total": rows, "items": items}, ensure_ascii=False)
        (folder / f"{page}.json").write_text(text, encoding="utf-8")


class Handler(SimpleHTTPRequestHandler):
    """Files of a folder; « /api/NAME?page=3 » is the file NAME/3.json."""

    protocol_version = "HTTP/1.1"

    def translate_path(self, path: str) -> str:
        parts = urlsplit(path)
        if parts.path.startswith("/api/"):
            page = parse_qs(parts.query).get("page", ["1"])[0]
            path = f"{parts.path.removeprefix('/api')}/{int(page)}.json"
        return super().translate_path(path)

    def log_message(self, *args: object) -> None:
        """Nothing to say of each request."""


def serve(folder: Path) -> Iterator[int]:
    """The port, then the files until the process ends."""

    handler = partial(Handler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    yield server.server_port
    server.serve_forever()


if __name__ == "__main__":
    for port in serve(Path(sys.argv[1])):
        print(port, flush=True)
