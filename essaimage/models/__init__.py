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
from essaimage.models.take_up import NationalMode, NationalTakeUp

__all__ = [
    "Approach",
    "DiffusionForm",
    "Dynamic",
    "Extent",
    "NationalMode",
    "NationalTakeUp",
    "Replication",
    "ReplicationState",
    "ReplicationStep",
    "TakeUpMode",
]
