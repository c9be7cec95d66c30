"""Projects that porteurs propose by the public form: there is no site to harvest."""

from collections.abc import Iterator
from typing import Any

from partners.connectors.base import Connector, RawRow, SourceError


class ProposalsConnector(Connector):
    kind = "proposals"
    label = "Projets proposés au Carrefour"
    explanation = "Les projets que des porteurs proposent par le formulaire public."

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        raise SourceError(
            "option",
            "Cette source ne se moissonne pas : ses fiches arrivent par le formulaire public.",
        )
