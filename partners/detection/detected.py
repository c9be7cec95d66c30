"""What was recognised at an address."""

from dataclasses import dataclass, field
from typing import Any

from partners.connectors import COMMON_OPTIONS, CONNECTORS


@dataclass
class Detected:
    """The connector for an address, the address to give it, and how sure that is (0 to 1).

    ``alternatives``: other ways to read the same site, the likeliest first, without alternatives
    of their own. ``needs_access``: the site asks who is there; the rest is then a guess.
    """

    connector: str
    url: str
    options: dict[str, Any] = field(default_factory=dict)
    confidence: float = 0.9
    warnings: list[str] = field(default_factory=list)
    alternatives: list["Detected"] = field(default_factory=list)
    needs_access: bool = False

    def __post_init__(self) -> None:
        # What the connector cannot be told is left for it to find.
        if self.connector in CONNECTORS:
            known = {**COMMON_OPTIONS, **CONNECTORS[self.connector].option_help}
            self.options = {n: v for n, v in self.options.items() if n in known}

    @property
    def reading(self) -> tuple[str, str, dict[str, Any]]:
        """What tells two ways to read apart."""
        return self.connector, self.url, self.options

    @property
    def is_usable(self) -> bool:
        return self.connector in CONNECTORS
