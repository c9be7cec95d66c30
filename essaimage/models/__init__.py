"""One file per aggregate."""

from essaimage.models.replication import (
    Approach,
    DiffusionForm,
    Dynamic,
    Extent,
    Replication,
    ReplicationState,
    ReplicationStep,
    TakeUpMode,
)
from essaimage.models.statement import DiffusionStatement, DiffusionStatus
from essaimage.models.take_up import NationalMode, NationalTakeUp

__all__ = [
    "Approach",
    "DiffusionForm",
    "DiffusionStatement",
    "DiffusionStatus",
    "Dynamic",
    "Extent",
    "NationalMode",
    "NationalTakeUp",
    "Replication",
    "ReplicationState",
    "ReplicationStep",
    "TakeUpMode",
]
