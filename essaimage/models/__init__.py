"""One file per aggregate."""

from essaimage.models.assessment import Assessment, AssessmentRound
from essaimage.models.experiment import Experiment, ExperimentAlert
from essaimage.models.fact import MONTHS, Facts, FollowUp, MailRefusal
from essaimage.models.following import Following
from essaimage.models.obstacle import Interpretation, Obstacle, ObstacleStep
from essaimage.models.party import Link, Party, Purpose
from essaimage.models.public_actor import PublicActor
from essaimage.models.replication import Replication, ReplicationStep
from essaimage.models.statement import DiffusionStatement, DiffusionStatus
from essaimage.models.take_up import NationalMode, NationalTakeUp
from essaimage.models.telling import Telling, TellingState
from essaimage.models.words import (
    Adaptation,
    Approach,
    Cost,
    DiffusionForm,
    Dynamic,
    Effect,
    ExperimentOutcome,
    ExperimentState,
    Extent,
    Interpreter,
    LegalGround,
    ObstacleOrigin,
    ObstacleStage,
    ObstacleState,
    Origin,
    PublicAction,
    Publication,
    PublicRole,
    Relief,
    ReplicationState,
    Side,
    Strategy,
    Strength,
    StrengthReason,
    TakeUpMode,
    Verdict,
)

__all__ = [
    "MONTHS",
    "Adaptation",
    "Approach",
    "Assessment",
    "AssessmentRound",
    "Cost",
    "DiffusionForm",
    "DiffusionStatement",
    "DiffusionStatus",
    "Dynamic",
    "Effect",
    "Experiment",
    "ExperimentAlert",
    "ExperimentOutcome",
    "ExperimentState",
    "Extent",
    "Facts",
    "FollowUp",
    "Following",
    "Interpretation",
    "Interpreter",
    "LegalGround",
    "Link",
    "MailRefusal",
    "NationalMode",
    "NationalTakeUp",
    "Obstacle",
    "ObstacleOrigin",
    "ObstacleStage",
    "ObstacleState",
    "ObstacleStep",
    "Origin",
    "Party",
    "PublicAction",
    "PublicActor",
    "PublicRole",
    "Publication",
    "Purpose",
    "Relief",
    "Replication",
    "ReplicationState",
    "ReplicationStep",
    "Side",
    "Strategy",
    "Strength",
    "StrengthReason",
    "TakeUpMode",
    "Telling",
    "TellingState",
    "Verdict",
]
