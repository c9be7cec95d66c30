"""The environment read once, with one clear line when a variable is missing or wrong."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import environ

MODES = ("production", "demo", "test", "local")


class Environment:
    """Typed reader over the process environment.

    Every ``read`` either returns a value or stops the program with one line naming the variable,
    what is wrong with it and an example: never a traceback.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.env = environ.Env()
        default = "production" if "DATABASE_URL" in os.environ else "local"
        self.mode: str = self.read("CARREFOUR_MODE", self.env.str, default, "production")
        if self.mode not in MODES:
            self.stop("CARREFOUR_MODE", f"« {self.mode} » n'est pas l'un de {', '.join(MODES)}")

    @property
    def production(self) -> bool:
        return self.mode == "production"

    def read(
        self, name: str, cast: Callable[..., Any], default: Any = None, example: str = ""
    ) -> Any:
        """``name`` through ``cast`` (a method of ``environ.Env``), or ``default`` when unset."""
        if not os.environ.get(name, "").strip():
            return default
        try:
            return cast(name)
        except Exception as error:
            self.stop(name, str(error) or type(error).__name__, example)

    def required(self, name: str, cast: Callable[..., Any], default: Any, example: str) -> Any:
        """As ``read``, but in production the variable must be there; elsewhere ``default``."""
        if self.production and not os.environ.get(name, "").strip():
            self.stop(name, "variable absente", example)
        return self.read(name, cast, default, example)

    def count(self, name: str) -> int:
        """A whole number that is not negative; a cast for ``read``."""
        found = int(self.env.int(name))
        if found < 0:
            raise ValueError(f"« {found} » est négatif")
        return found

    def secret_key(self) -> str:
        """``SECRET_KEY``, or outside production a key kept in ``.carrefour/secret_key``."""
        given = self.required("SECRET_KEY", self.env.str, "", "50 caractères aléatoires")
        if given:
            return str(given)
        path = self.root / ".carrefour" / "secret_key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50))
        return path.read_text().strip()

    @staticmethod
    def stop(name: str, problem: str, example: str = "") -> None:
        hint = f" Exemple : {name}={example}" if example else ""
        raise SystemExit(f"carrefour : variable d'environnement {name} : {problem}.{hint}")
