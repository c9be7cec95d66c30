"""Headers that software and people give: which column feeds which field."""

from typing import Any

import pytest

from partners.connectors import RawRow
from partners.mapping.proposal import propose
from partners.mapping.rules import parse

pytestmark = pytest.mark.django_db

TOWNS = ["Nantes", "Grenoble", "Lormes", "Armentières", "Montaud", "Le Mans"]
POSTCODES = ["44000", "38000", "58140", "59280", "34160", "72000"]
INSEE = ["44109", "38185", "58145", "59017", "34164", "72181"]
LATITUDES = [47.2184, 45.1885, 47.2901, 50.6881, 43.7361, 48.0061]
LONGITUDES = [-1.5536, 5.7245, 3.8151, 2.8827, 3.9503, 0.1996]
TEXT = (
    "Des habitants du quartier se retrouvent chaque semaine pour réparer ensemble les objets du "
    "quotidien et partager un repas préparé avec les invendus du marché. "
)
SHORT = "On répare ensemble les objets du quotidien"


def name(n: int) -> str:
    return ["Atelier vélo", "Épicerie du coin", "Jardin partagé", "Repair café", "La Fabrique",
            "Bus des services"][n % 6] + f" {n}"  # fmt: skip


VALUES: dict[str, Any] = {
    "title": name,
    "external_id": lambda n: f"{1000 + n}",
    "url": lambda n: f"https://annuaire.exemple.fr/fiches/{n}",
    "website": lambda n: f"https://projet-{n}.exemple.fr/",
    "description": lambda n: TEXT * 2 + str(n),
    "summary": lambda n: f"{SHORT}, {n}",
    "place": lambda n: TOWNS[n % 6],
    "postcode": lambda n: POSTCODES[n % 6],
    "insee_code": lambda n: INSEE[n % 6],
    "address": lambda n: f"{n} rue de la République",
    "latitude": lambda n: LATITUDES[n % 6],
    "longitude": lambda n: LONGITUDES[n % 6],
    "porteur_name": lambda n: f"Association {name(n)}",
    "themes": lambda n: ["Emploi", "Santé", "Culture, Lien social"][n % 3],
    "publics": lambda n: ["Jeunes", "Seniors", "Jeunes ; Familles"][n % 3],
    "year": lambda n: 2012 + n % 7,
    "picture": lambda n: f"https://annuaire.exemple.fr/images/{n}.jpg",
    "departement": lambda n: ["44", "38", "58", "59", "34", "72"][n % 6],
    "": lambda n: ["a", "b"][n % 2],
    "email": lambda n: f"contact{n}@exemple.fr",
    "phone": lambda n: f"01 00 00 00 {n:02d}",
    "date": lambda n: f"2024-03-{n % 28 + 1:02d}",
}
# What wrote the headers → header → what it holds ("" and private values are for no field).
SHAPES: dict[str, dict[str, str]] = {
    "national schema of social services": {
        "id": "external_id", "nom": "title", "commune": "place", "code_postal": "postcode",
        "code_insee": "insee_code", "adresse": "address", "longitude": "longitude",
        "latitude": "latitude", "telephone": "phone", "courriel": "email", "site_web": "website",
        "presentation_resume": "summary", "presentation_detail": "description",
        "thematiques": "themes", "date_maj": "date",
    },
    "form of an administration": {
        "Horodateur": "date", "Adresse e-mail": "email",
        "Quel est le nom de votre projet ?": "title",
        "Quelle structure porte le projet ?": "porteur_name",
        "Décrivez votre projet en quelques lignes (1000 caractères maximum)": "description",
        "Dans quelle commune se situe votre projet ?": "place",
        "Quel est le code postal de la commune ?": "postcode",
        "À quel public s’adresse votre projet ?": "publics",
        "Quelles sont les thématiques de votre projet ?": "themes",
        "Avez-vous un site internet ? Si oui, indiquez son adresse": "website",
        "En quelle année le projet a-t-il démarré ?": "year",
    },
    "headers glued and in capitals": {
        "NUM_FICHE": "external_id", "NOMPROJET": "title", "DESCRIPTIF": "description",
        "CODEPOSTAL": "postcode", "NOMCOM": "place", "INSEECOM": "insee_code", "LAT": "latitude",
        "LON": "longitude", "SITEWEB": "website", "ANNEECREATION": "year",
    },
    "every header begins alike": {
        "projet_id": "external_id", "projet_titre": "title", "projet_description": "description",
        "projet_ville": "place", "projet_cp": "postcode", "projet_lien": "url",
        "projet_image": "picture", "projet_email": "email",
    },
    "English API": {
        "uuid": "external_id", "displayName": "title", "longDescription": "description",
        "shortDescription": "summary", "city": "place", "zipCode": "postcode",
        "streetAddress": "address", "lat": "latitude", "lng": "longitude",
        "websiteUrl": "website", "permalink": "url", "imageUrl": "picture", "createdAt": "date",
    },
    "Drupal": {
        "nid": "external_id", "title": "title", "body": "description",
        "field_ville": "place", "field_code_postal": "postcode", "field_thematique": "themes",
        "field_public": "publics", "field_porteur": "porteur_name",
        "field_site_internet": "website", "path": "url", "changed": "date",
        "field_photo": "picture",
    },
    "names that say nothing": {
        "champ1": "external_id", "champ2": "title", "champ3": "description", "champ4": "place",
        "champ5": "latitude", "champ6": "longitude", "champ7": "url", "champ8": "themes",
    },
    "map of an association": {
        "Nom du tiers-lieu": "title", "Présentation du lieu": "description",
        "Adresse complète": "address", "Ville": "place", "Code postal": "postcode",
        "Site web": "website", "Téléphone": "phone", "Email": "email", "X": "longitude",
        "Y": "latitude", "Département": "departement",
    },
    "exchanged coordinates": {
        "intitulé": "title", "texte": "description", "X": "latitude", "Y": "longitude",
    },
}  # fmt: skip
FREE = {"", "email", "phone", "date"}
# A table without names can only be understood by its values; what says nothing says nothing.
OPTIONAL = {"names that say nothing": {"external_id"}}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_column_feeds_its_field(shape: str, terms: None) -> None:
    headers = SHAPES[shape]
    rows = [{h: VALUES[kind](n) for h, kind in headers.items()} for n in range(1, 25)]
    proposal = propose([RawRow(r, f"ligne {n}") for n, r in enumerate(rows, start=2)])
    parse(proposal.mapping)
    found = {p: r["target"] for r in proposal.mapping for p in r.get("paths") or [r["path"]]}
    wanted = {h: kind for h, kind in headers.items() if kind not in FREE}
    optional = OPTIONAL.get(shape, set())
    missed = {h: (k, found.get(h)) for h, k in wanted.items() if found.get(h) != k}
    assert {h: m for h, m in missed.items() if m[0] not in optional} == {}
    assert not {h: found[h] for h, kind in headers.items() if kind in FREE and h in found}
