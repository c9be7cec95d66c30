"""Why two records may be one, field by field, in French: what staff read beside a pair."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from partners.consolidation.likenesses import Likenesses
from partners.consolidation.wording import Wording, taken_apart

Said = Mapping[str, Any]
READ = ("values__title", "values__porteur__name", "values__website", "values__year", "sites")
NAMES = ("title", "porteur", "website", "year", "sites")


def explanation(found: Likenesses, k: int, first: Said, second: Said) -> list[dict[str, Any]]:
    """The fields of pair ``k`` as Pair.explanation keeps them; ``first`` and ``second`` are
    {title, porteur, website, year, sites} of both records."""
    one, other = _wording(first), _wording(second)
    lines = [
        _line("title", "Titre", first["title"], second["title"], *_title(found, k)),
        _line("name", "Mots qui le distinguent", " ".join(one.core), " ".join(other.core),
              *_name(found, k)),
    ]  # fmt: skip
    if found.kind[k]:
        kind, other_kind = (_listed(w.kinds + w.networks) for w in (one, other))
        lines.append(_line("kind", "Genre ou réseau", kind, other_kind, *_kind(found, k)))
    if found.number[k]:
        number, other_number = (" ".join(w.numbers) for w in (one, other))
        lines.append(_line("number", "Numéro", number, other_number, *_number(found, k)))
    lines.append(_line("place", "Lieu", _places(first), _places(second), *_place(found, k)))
    sites = (first["website"] or "", second["website"] or "")
    lines.append(_line("website", "Site web", *sites, *_website(found, k)))
    porteurs = (first["porteur"] or "", second["porteur"] or "")
    lines.append(_line("porteur", "Porteur", *porteurs, *_porteur(found, k)))
    lines.append(_line("text", "Texte", "", "", *_text(found, k)))
    years = (str(first["year"] or ""), str(second["year"] or ""))
    if all(years):
        lines.append(_line("year", "Année", *years, *_years(found, k)))
    if found.source[k]:
        says = "Une source distingue d’ordinaire ses fiches : à regarder de près."
        lines.append(_line("source", "Source", "", "", None, says))
    return lines


def _line(
    field: str, label: str, first: str, second: str, similarity: float | None, says: str
) -> dict[str, Any]:
    kept = None if similarity is None else round(float(similarity), 2)
    return {
        "field": field, "label": label, "first": str(first or "")[:300],
        "second": str(second or "")[:300], "similarity": kept, "says": says,
    }  # fmt: skip


def _wording(said: Said) -> Wording:
    names = [str(s["name"]) for s in said["sites"] if s.get("name")]
    return taken_apart(str(said["title"] or ""), names)


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(code.replace("-", " ") for code in codes)


def _places(said: Said) -> str:
    names = [str(s.get("name") or s.get("label") or "") for s in said["sites"]]
    names = [*dict.fromkeys(n for n in names if n)]
    more = f" et {len(names) - 3} autres" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _title(found: Likenesses, k: int) -> tuple[float, str]:
    if found.bare[k]:
        return found.title[k], "L’un des titres ne dit que son lieu."
    if found.title[k] >= 0.97:
        return found.title[k], "Mêmes titres, articles et lieux mis à part."
    if found.contained[k] >= 0.99:
        return found.title[k], "Tous les mots d’un titre sont dans l’autre."
    if found.title[k] >= 0.75:
        return found.title[k], "Titres proches."
    return found.title[k], "Titres différents."


def _name(found: Likenesses, k: int) -> tuple[float | None, str]:
    if found.initials[k]:
        return 1.0, "L’un est le sigle de l’autre."
    if np.isnan(found.name[k]):
        return None, "L’un des titres n’a que des mots courants : il ne distingue pas."
    if found.rarest[k] >= 0.7:
        return found.name[k], "Des mots rares en commun."
    if found.rarest[k] > 0:
        return found.name[k], "Des mots en commun, que d’autres fiches ont aussi."
    return found.name[k], "Aucun mot distinctif en commun."


def _kind(found: Likenesses, k: int) -> tuple[float | None, str]:
    if found.kind[k] == 1:
        return 1.0, "Même genre de lieu, ou même réseau."
    if found.kind[k] == -1:
        return 0.0, "Deux genres de lieux différents."
    if found.kind[k] == -0.25:
        return None, "Une seule des fiches dit son genre."
    return 0.5, "Un genre en commun, un autre non."


def _number(found: Likenesses, k: int) -> tuple[float, str]:
    if found.number[k] == 1:
        return 1.0, "Même numéro."
    return 0.0, "Pas le même numéro : un autre lieu ou une autre édition."


def _place(found: Likenesses, k: int) -> tuple[float | None, str]:
    distance = found.distance[k]
    if np.isnan(found.commune[k]) and np.isnan(distance):
        return None, "L’une des fiches ne dit pas sa commune."
    if distance < 0.15:
        return 1.0, "Au même endroit."
    if found.commune[k] == 1:
        far = "" if np.isnan(distance) else f", à {_kilometres(distance)}"
        return max(0.4, 1 - np.nan_to_num(distance) / 5), f"Même commune{far}."
    return _elsewhere(found, k)


def _elsewhere(found: Likenesses, k: int) -> tuple[float, str]:
    distance = found.distance[k]
    if distance < 2:
        return 0.6, f"Communes différentes, mais à {_kilometres(distance)}."
    far = "" if np.isnan(distance) else f", à {_kilometres(distance)}"
    if found.departement[k] == 1:
        return 0.1, f"Même département, communes différentes{far}."
    return 0.0, f"Départements différents{far}."


def _kilometres(distance: float) -> str:
    if distance < 1:
        return f"{round(float(distance) * 1000, -1):.0f} m"
    return f"{distance:.1f} km".replace(".", ",") if distance < 10 else f"{distance:.0f} km"


def _website(found: Likenesses, k: int) -> tuple[float | None, str]:
    if found.page[k]:
        return 1.0, "Même adresse web."
    if found.host[k] == 1:
        if found.own[k] >= 0.3:
            return 0.8, "Même site web."
        return 0.4, "Même site web, mais celui de nombreuses fiches."
    if found.host[k] == -1:
        return 0.0, "Sites web différents."
    return None, "L’une des fiches ne dit pas de site web qui lui soit propre."


def _porteur(found: Likenesses, k: int) -> tuple[float | None, str]:
    alike = found.porteur[k]
    if np.isnan(alike):
        return None, "L’une des fiches ne dit pas son porteur."
    if alike >= 0.95:
        return alike, "Même porteur."
    return alike, "Porteurs proches." if alike >= 0.7 else "Porteurs différents."


def _text(found: Likenesses, k: int) -> tuple[float | None, str]:
    alike = found.text[k]
    if np.isnan(alike):
        return None, "L’une des fiches n’a pas assez de texte."
    if alike >= 0.5:
        return alike, "Les textes sont en grande partie les mêmes."
    return alike, "Des passages en commun." if alike >= 0.1 else "Textes différents."


def _years(found: Likenesses, k: int) -> tuple[float, str]:
    gap = int(found.years[k])
    if gap == 0:
        return 1.0, "Même année."
    return max(0.0, 1 - gap / 10), f"{gap} ans d’écart." if gap > 1 else "Un an d’écart."
