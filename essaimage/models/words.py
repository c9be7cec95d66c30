"""The lists of the essaimage, with the labels that screens show.

They follow the CGET study « Accompagnement au changement d'échelle des projets locaux socialement
innovants » (2017): approaches pp. 8–9, dynamics p. 10, forms pp. 27–28, portée ≈ p. 28, take-up
≈ p. 24, roles and what they do ≈ p. 26, stages and interpreters of obstacles p. 48 sq. The
strategies of another axis (approfondissement, diversification…), the degrees of adaptation and
the orders of cost are ours.
"""

from functools import lru_cache

from django.db import models

# The search has a facet of them: the word stands below.
from innovations.diffusion import DiffusionForm as DiffusionForm


class Approach(models.TextChoices):
    DEVELOPPEMENT = "developpement", "Développement de la structure porteuse"
    ESSAIMAGE = "essaimage", "Essaimage par des repreneurs"
    REPRISE = "reprise", "Reprise par des acteurs publics"


class Strategy(models.TextChoices):
    """What the porteur's structure does to change scale; not the way that it spreads."""

    APPROFONDISSEMENT = "approfondissement", "Approfondissement"
    DIVERSIFICATION = "diversification", "Diversification"
    DIFFUSION = "diffusion", "Diffusion géographique"
    FERTILISATION = "fertilisation", "Fertilisation"
    COOPERATION = "cooperation", "Coopération"
    FUSION = "fusion", "Fusion"


class Dynamic(models.TextChoices):
    HORIZONTALE = "horizontale", "Horizontale (propagation)"
    VERTICALE = "verticale", "Verticale (par les pouvoirs publics ou des réseaux)"


class Extent(models.TextChoices):
    INFRA = "infraregionale", "Infrarégionale"
    EXTRA = "extraregionale", "Extrarégionale"
    INTERNATIONALE = "internationale", "Internationale"


class TakeUpMode(models.TextChoices):
    NATIONALE = "nationale", "Reprise par les politiques publiques nationales"
    INTEGRALE = "integrale", "Reprise intégrale par la collectivité"
    PARTIELLE = "partielle", "Reprise partielle, en partenariat"


class Adaptation(models.TextChoices):
    COPIE = "copie", "Reproduite à l’identique ou presque"
    ADAPTEE = "adaptee", "Adaptée en profondeur"
    INSPIREE = "inspiree", "Inspirée de l’original"


class PublicRole(models.TextChoices):
    FACILITATEUR = "facilitateur", "Facilitateur"
    COLLABORATEUR = "collaborateur", "Collaborateur"
    UTILISATEUR = "utilisateur", "Utilisateur"


class PublicAction(models.TextChoices):
    """What a public actor does concretely; the first word of the code is the role it belongs to."""

    FINANCER = "facilitateur-financer", "Participe au financement"
    COMMUNIQUER = "facilitateur-communiquer", "Communique sur le projet"
    MOBILISER = "facilitateur-mobiliser", "Mobilise et coordonne les acteurs du territoire"
    PRETER = (
        "facilitateur-preter",
        "Met à disposition des données et du matériel (salles, espaces publics, outils)",
    )
    RELAYER = "facilitateur-relayer", "Relaie l’information auprès des acteurs"
    REPRESENTER = "facilitateur-representer", "Représente le projet et en donne une bonne image"
    ECHANGER = (
        "collaborateur-echanger",
        "Est partenaire par échange de compétences (SCIC ou collectif d’acteurs)",
    )
    COMPLETER = "collaborateur-completer", "Crée de nouveaux services qui complètent le projet"
    EVOLUER = "collaborateur-evoluer", "Fait évoluer le projet avec ses porteurs"
    UTILISER = "utilisateur-utiliser", "Utilise les services du projet, en est un premier client"

    @property
    def role(self) -> PublicRole:
        return PublicRole(self.value.partition("-")[0])


@lru_cache(1024)
def roles_held(roles: tuple[str, ...], actions: tuple[str, ...]) -> tuple[PublicRole, ...]:
    """The roles said, and those that these actions imply, in the study's order.

    Raises ``ValueError`` of an action that is not one.
    """
    implied = {PublicAction(action).role for action in actions}
    return tuple(role for role in PublicRole if role in implied or role.value in roles)


class ReplicationState(models.TextChoices):
    ENVISAGEE = "envisagee", "Envisagée"
    EN_PREPARATION = "en-preparation", "En préparation"
    EN_COURS = "en-cours", "En cours"
    PERENNISEE = "perennisee", "Pérennisée"
    ABANDONNEE = "abandonnee", "Abandonnée"


class Publication(models.TextChoices):
    """Whether the public reads it: moderated for form, never for merit."""

    UNCONFIRMED = "a-confirmer", "Adresse à confirmer"
    WAITING = "a-relire", "À relire"
    PUBLISHED = "publiee", "Publiée"
    SET_ASIDE = "ecartee", "Écartée"


class SetAside(models.TextChoices):
    """Why it is not published: reasons of form only. What each kind calls the last one and the
    double is told by ``essaimage.moderated``."""

    LEGALITY = "legalite", "Contraire à la loi"
    PERSONAL = "donnees-personnelles", "Contient des données personnelles"
    DUPLICATE = "doublon", "Doublon"
    UNINTELLIGIBLE = "incomprehensible", "Incompréhensible"
    ADVERTISING = "publicite", "Publicité"
    OTHER_THING = "autre-objet", "Autre objet"


class SiteChoice(models.TextChoices):
    """What staff make of a site that the harvest found."""

    NONE = "", "À décider"
    REPLICATION = "reprise", "Une reprise"
    SAME_PROJECT = "meme-projet", "Un lieu d’action du même projet"


class Origin(models.TextChoices):
    """Who told it first."""

    DOCUMENT = "document", "Citée par un document"
    STAFF = "equipe", "Enregistrée par l’équipe du Carrefour"
    REPRENEUR = "repreneur", "Déclarée par le repreneur"
    PORTEUR = "porteur", "Déclarée par la structure porteuse"
    HARVEST = "moisson", "Proposée d’après un site partenaire"


class Side(models.TextChoices):
    REPRENEUR = "repreneur", "Repreneur"
    PORTEUR = "porteur", "Structure porteuse"


class Verdict(models.TextChoices):
    """What one side says of a replication that is told of it."""

    NONE = "", "Ne s’est pas prononcée"
    CONFIRMED = "confirmee", "Confirme"
    CONTESTED = "contestee", "Conteste"


class ObstacleOrigin(models.TextChoices):
    REGLEMENT = "reglement", "Un règlement"
    NORME = "norme", "Une norme"
    HABITUDE = "habitude", "Une habitude"


class ObstacleStage(models.TextChoices):
    DEMARRAGE = "demarrage", "Démarrage"
    CONSOLIDATION = "consolidation", "Consolidation"
    ESSAIMAGE = "essaimage", "Essaimage"


class Interpreter(models.TextChoices):
    COLLECTIVITE = "collectivite", "Une collectivité"
    PREFECTURE = "prefecture", "Une préfecture"
    DECONCENTRE = "service-deconcentre", "Un service déconcentré de l’État"
    CENTRALE = "administration-centrale", "Une administration centrale"
    OPERATEUR = "operateur", "Un opérateur ou un organisme de protection sociale"
    AUTRE = "autre", "Un autre interprète"


class Relief(models.TextChoices):
    """The study keeps the two apart (p. 48)."""

    ASSOUPLISSEMENT = "assouplissement", "Assouplissement : la pratique change"
    SIMPLIFICATION = "simplification", "Simplification : la règle change"


class ObstacleState(models.TextChoices):
    SIGNALE = "signale", "Signalé"
    EN_DISCUSSION = "en-discussion", "En discussion"
    LEVE = "leve", "Levé"
    MAINTENU = "maintenu", "Maintenu"


class Teller(models.TextChoices):
    """Who tells of an obstacle, or of how it is read elsewhere: a role, never a person."""

    DOCUMENT = "document", "Un document"
    STAFF = "equipe", "L’équipe du Carrefour"
    REPRENEUR = "repreneur", "Un repreneur"
    PORTEUR = "porteur", "La structure porteuse"
    AUTHORITY = "autorite", "Une administration"
    OTHER = "autre", "Un autre acteur du territoire"


class LegalGround(models.TextChoices):
    STATE = "37-1", "Article 37-1 de la Constitution (loi ou règlement)"
    LOCAL = "72", "Article 72 de la Constitution (collectivités)"


class ExperimentOutcome(models.TextChoices):
    """The outcomes that the law knows."""

    PROLONGATION = "prolongation", "Prolongation ou modification"
    GENERALISATION = "generalisation", "Maintien et généralisation"
    CERTAINES = "certaines", "Maintien dans certaines collectivités"
    ABANDON = "abandon", "Abandon"


class ExperimentState(models.TextChoices):
    PREPAREE = "preparee", "En préparation"
    EN_COURS = "en-cours", "En cours"
    A_EVALUER = "a-evaluer", "Terme atteint, bilan à faire"
    CLOSE = "close", "Close"


class Effect(models.TextChoices):
    ATTENDU = "attendu", "L’effet attendu est constaté"
    PARTIEL = "partiel", "L’effet est constaté en partie"
    AUCUN = "aucun", "Aucun effet constaté"
    CONTRAIRE = "contraire", "Un effet contraire est constaté"
    TROP_TOT = "trop-tot", "Il est trop tôt pour le dire"


class Strength(models.TextChoices):
    FAIBLE = "faible", "Faible"
    MOYENNE = "moyenne", "Moyenne"
    FORTE = "forte", "Forte"


class StrengthReason(models.TextChoices):
    """Why the evidence weighs what it weighs; each is named on screen."""

    TEMOIGNAGES = "temoignages", "Des témoignages"
    SUIVI = "suivi", "Un suivi chiffré des personnes ou des actions"
    AVANT_APRES = "avant-apres", "Une mesure avant et après"
    COMPARAISON = "comparaison", "Une comparaison avec un groupe ou un territoire témoin"
    TIERS = "tiers", "Une évaluation par un tiers"
    PUBLIEE = "publiee", "Une évaluation publiée"
    RETROUVE = "retrouve", "Le même effet retrouvé sur plusieurs sites"


class Cost(models.TextChoices):
    """Order of the yearly cost of one site, in euros."""

    K1 = "moins-10k", "Moins de 10 000 € par an"
    K2 = "10k-50k", "De 10 000 à 50 000 € par an"
    K3 = "50k-200k", "De 50 000 à 200 000 € par an"
    K4 = "200k-1m", "De 200 000 € à 1 million d’euros par an"
    K5 = "plus-1m", "Plus d’un million d’euros par an"
