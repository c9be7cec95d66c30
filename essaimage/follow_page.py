"""What the page by which a side keeps a replication up to date shows of its own texts."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from essaimage import tellings
from essaimage.models import Party, Replication, ReplicationStep, Telling


@dataclass(frozen=True)
class Told:
    """What a side wrote that the public does not read: it waits, or was set aside."""

    party: Party
    replication: Replication

    @cached_property
    def account(self) -> Telling | None:
        return self._waiting.accounts().first()

    @property
    def account_waits(self) -> bool:
        """Whether a text of the account itself does, not an actor nor the reason of a contest."""
        return any(name in tellings.FIELDS for name in (self.account or Telling()).values)

    @cached_property
    def step(self) -> ReplicationStep | None:
        """The last that the side wrote, whose reason is not shown."""
        return tellings.unexplained(self.party)

    @cached_property
    def reason(self) -> Telling | None:
        return self._waiting.filter(step=self.step).first() if self.step else None

    @cached_property
    def refused(self) -> list[tuple[str, str]]:
        """(what was not kept, why)."""
        found = [("Votre dernier texte n’a pas été retenu", self._refused(None))]
        if self.step:
            state = self.step.get_state_display().lower()
            title = f"Votre motif de l’état « {state} » n’a pas été retenu"
            found.append((title, self._refused(self.step)))
        return [(title, telling.answer) for title, telling in found if telling]

    def _refused(self, step: ReplicationStep | None) -> Telling | None:
        found: Telling | None = Telling.objects.refused_last(
            self.replication, self.party.side, step
        )
        return found

    @property
    def _waiting(self) -> Any:
        return Telling.objects.waiting().filter(replication=self.replication, side=self.party.side)
