"""Real rows served over HTTP on this machine in the shape each kind of platform documents.

Addresses are neutral and answers carry no Content-Type: only the content tells what they are.
"""

from tests.partners.emulator.server import Emulator
from tests.partners.emulator.shapes import CONNECTOR_OF

__all__ = ["CONNECTOR_OF", "Emulator"]
