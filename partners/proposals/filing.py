"""A proposal becomes a source record by the same way as everyone's: mapping, validation, store."""

from partners.connectors import RawRow
from partners.identity import Group, Identifier
from partners.mapping.rules import parse
from partners.models import Proposal, SourceRecord
from partners.proposals import sources
from partners.store import Store
from partners.suppression import Suppressions
from partners.vocabularies import Vocabularies

REMOVED = (
    "Une fiche de ce projet a été retirée du Carrefour à la demande de quelqu’un : elle ne peut "
    "pas y revenir. Écrivez à l’équipe si c’est une erreur."
)


class NotFiled(Exception):
    """What is proposed cannot become a record; ``message`` is for its porteur."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def file(proposal: Proposal) -> SourceRecord:
    """Store what the form says, in the source where the record stands. Raises ``NotFiled``.

    A record that is public is composed again; one that nobody vouches for stays out of sight.
    """
    source = proposal.record.source if proposal.record else sources.load()
    rules = parse(source.mapping)
    external_id = f"proposition-{proposal.pk}"
    row = RawRow(proposal.answers, "formulaire", external_id=external_id)
    project = Group(external_id, [row], Identifier(source, rules).fingerprint([row]))
    store = Store(
        source=source,
        run=None,
        rules=rules,
        suppressions=Suppressions.load(),
        vocabularies=Vocabularies.load([source.pk]),
        publishes_new=False,
    )
    outcome = store.write([project])
    if outcome.suppressed:
        raise NotFiled(REMOVED)
    if outcome.refused:
        told = [e["message"] for refused in outcome.refused for e in refused.errors]
        raise NotFiled(" ".join(told))
    return SourceRecord.objects.get(source=source, external_id=external_id)
