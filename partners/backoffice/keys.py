"""Keyboard decisions: the keys that each page of duplicates and moderation answers to."""

from carrefour.keyboard import Key

PAIR = [
    Key("m", "Même innovation"),
    Key("a", "La fiche A est un autre lieu"),
    Key("b", "La fiche B est un autre lieu"),
    Key("d", "Distinctes"),
    Key("n", "Je ne peux pas dire"),
    Key("p", "Plus tard"),
    Key("z", "Annuler la décision précédente"),
    Key("?", "Ouvrir cette aide"),
]
NETWORK = [
    Key("l", "Autres lieux du même projet"),
    Key("d", "Distinctes"),
    Key("p", "Plus tard"),
    Key("z", "Annuler la décision précédente"),
    Key("?", "Ouvrir cette aide"),
]
REVIEW = [
    Key("p", "Publier"),
    Key("1 à 4", "Choisir le motif"),
    Key("r", "Renvoyer au partenaire"),
    Key("d", "Dépublier ou ne pas publier"),
    Key("s", "Passer à la suivante"),
    Key("z", "Annuler la décision précédente"),
    Key("?", "Ouvrir cette aide"),
]
