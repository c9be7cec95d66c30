"""What a real row tells, for the shapes that have fields of their own."""

import html

from carrefour.text import key
from tests.partners.real_rows import RealSource, Row


def first(row: Row, source: RealSource, *targets: str) -> str:
    """What the row says for the first of the targets that it fills."""
    names = [n for t in targets for n in source.fields.get(t, ())]
    by_key = {key(k): v for k, v in row.items()}
    return next((str(by_key[key(n)]) for n in names if by_key.get(key(n))), "")


def longest(row: Row, source: RealSource) -> str:
    by_key = {key(k): str(v) for k, v in row.items()}
    return max((by_key.get(key(n), "") for n in source.fields["description"]), key=len)


def tag(name: str) -> str:
    return key(name).replace(" ", "_").lstrip("0123456789_")


def article(row: Row, source: RealSource) -> str:
    title, place = first(row, source, "title"), first(row, source, "place")
    paragraphs = "".join(f"<p>{html.escape(p)}</p>" for p in longest(row, source).split("\n\n"))
    where = f"<dl><dt>Ville</dt><dd>{html.escape(place)}</dd></dl>" if place else ""
    return (
        f'<!doctype html><html lang="fr"><head><title>{html.escape(title)} – Exemple</title></head>'
        f"<body><nav><a href='/'>Accueil</a></nav><main><article><h1>{html.escape(title)}</h1>"
        f"{paragraphs}{where}</article></main><footer>Mentions légales</footer></body></html>"
    )
