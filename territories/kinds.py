"""The levels of the official geography, readable without the database."""

from django.db import models


class Kind(models.TextChoices):
    """Level of a territory; the value stands in public addresses (/territoires/<kind>/<code>/)."""

    PAYS = "pays", "pays"
    REGION = "region", "région"
    DEPARTEMENT = "departement", "département"
    # Overseas collectivités and New Caledonia: they stand where a département would, and belong to
    # no région.
    COLLECTIVITE = "collectivite", "collectivité d’outre-mer"
    EPCI = "epci", "intercommunalité"
    COMMUNE = "commune", "commune"


class EpciForm(models.TextChoices):
    """Legal form of an intercommunalité."""

    COMMUNITY = "CC", "communauté de communes"
    AGGLOMERATION = "CA", "communauté d’agglomération"
    URBAN = "CU", "communauté urbaine"
    METROPOLE = "METRO", "métropole"
    LYON = "MET69", "métropole de Lyon"


class AliasKind(models.TextChoices):
    """Why a territory also answers to another name or code."""

    DELEGUEE = "deleguee", "commune déléguée"
    ASSOCIEE = "associee", "commune associée"
    ARRONDISSEMENT = "arrondissement", "arrondissement municipal"
    ANCIEN_NOM = "ancien-nom", "ancien nom"
    ANCIEN_CODE = "ancien-code", "ancien code"
    ANCIENNE_REGION = "ancienne-region", "ancienne région"
    NOM_COURT = "nom-court", "nom court"
    SIGLE = "sigle", "sigle"


class Liaison(models.IntegerChoices):
    """How a proper name takes its article: the TNCC codes of the Code officiel géographique."""

    CONSONANT = 0, "de"
    VOWEL = 1, "d’"
    LE = 2, "du"
    LA = 3, "de la"
    LES = 4, "des"
    L = 5, "de l’"
    AUX = 6, "des (Aux)"
    LAS = 7, "de las"
    LOS = 8, "de los"
