"""Every connector is registered, explained and has its file."""

from partners.connectors import CONNECTORS


def test_every_connector_explains_itself() -> None:
    for kind, connector in CONNECTORS.items():
        assert connector.__module__ == f"partners.connectors.{kind}"
        assert connector.label
        assert connector.explanation.endswith(".")
        assert all(connector.option_help.values())
