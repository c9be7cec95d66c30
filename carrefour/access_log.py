"""The access log of the web server (gunicorn's ``--logger-class``), without secrets."""

from typing import Any

from gunicorn.glogging import Logger

from carrefour.masking import masked


class MaskingLogger(Logger):
    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """What is told of a request; its line (r), its path (U) and where it comes from (f) may
        bear a secret."""
        told: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return told | {name: masked(told[name]) for name in "rUf" if told.get(name)}
