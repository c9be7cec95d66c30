"""Records kept as files: Markdown with front matter, or YAML, in an archive or alone."""

import re
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from carrefour.http import decode
from partners.connectors.archives import Archive
from partners.connectors.base import Connector, RawRow, SourceError
from partners.connectors.front_matter import Unreadable, heading, parted, rendered
from partners.connectors.provenance import changed_in
from partners.connectors.yaml_rows import LISTS, TEXTS, entries, is_yaml, stem

# A site generator's page about a folder, a repository's own pages: no records.
NOT_RECORDS = {"_index", "readme", "license", "licence", "contributing", "changelog"}
PAGE = ("<!doctype", "<html", "<?xml")
NUMBERS = re.compile(r"\d+")


class MarkdownConnector(Connector):
    kind = "markdown"
    label = "Fichiers Markdown ou YAML (archive)"
    explanation = (
        "Les fichiers d’un dépôt ou d’un site statique : une archive (zip, tar.gz), un fichier par "
        "fiche, ses champs en tête ; ou des listes en YAML."
    )
    option_help = {
        "path": (
            "Fichiers à lire dans l’archive (content/projets/*.md ; * vaut n’importe quoi) ; le "
            "dossier qui en a le plus sinon."
        ),
    }
    is_one_document = True

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        spooled = self.fetcher.open(self.url, conditional=True)
        name = PurePosixPath(urlsplit(spooled.url).path).name or "document"
        archive = Archive(spooled.file, name)
        names = self._chosen(archive.names)
        stems = Counter(stem(n) for n in names)
        self.expected, read = len(names), 0
        for name, content in archive.files(names.__contains__):
            read += 1
            text = decode(content)
            if len(names) == 1 and text.lstrip()[:200].lower().startswith(PAGE):
                raise SourceError("format", "L’adresse mène à une page web et non à une archive.")
            if is_yaml(name, text):
                yield from entries(name, text, is_alone=len(names) == 1)
            else:
                identity = stem(name) if stems[stem(name)] == 1 else name
                yield _record(name, identity, text)
        self.check_expected(read)

    def _chosen(self, names: list[str]) -> set[str]:
        """The files asked for, else those of the folder that has the most. Raises."""
        pattern = str(self.options.get("path") or "")
        if pattern:
            chosen = {n for n in names if fnmatchcase(n, pattern) or fnmatchcase(f"/{n}", pattern)}
        elif len(names) == 1:
            chosen = set(names)
        else:
            chosen = self._fullest(names, TEXTS) or self._fullest(names, LISTS)
        if not chosen:
            said = f"ne répond à « {pattern} »" if pattern else "Markdown ou YAML ne s’y trouve"
            raise SourceError("vide", f"Aucun fichier {said}.")
        return chosen

    def _fullest(self, names: list[str], suffixes: tuple[str, ...]) -> set[str]:
        kept = [
            n
            for n in names
            if n.lower().endswith(suffixes) and PurePosixPath(n).stem.lower() not in NOT_RECORDS
        ]
        folders = Counter(_folder(n) for n in kept)
        fullest = folders.most_common(1)[0][0] if folders else ""
        if len(folders) > 1:
            others = ", ".join(f"{f or 'racine'} ({c})" for f, c in folders.most_common(6)[1:])
            self.warnings.append(
                f"Fichiers lus : dossier « {fullest or 'racine'} » ({folders[fullest]}). Laissés : "
                f"{others}. L’option « path » en décide."
            )
        return {n for n in kept if _folder(n) == fullest}


def _record(name: str, identity: str, text: str) -> RawRow:
    """A Markdown file's row; an unreadable one keeps its identity, to be refused and told."""
    try:
        data, body = parted(text)
    except Unreadable as error:
        unread = {"fichier": name, "erreur": error.message}
        where = f"fichier {name}"
        return RawRow(unread, where, external_id=identity, fault=error.message)
    content = rendered(body)
    data = {"fichier": name, **data, **({"content": content} if content else {})}
    if not data.get("title") and heading(body):
        data["title"] = heading(body)
    return RawRow(
        data=data, position=f"fichier {name}", external_id=identity, date=changed_in(data)
    )


def _folder(name: str) -> str:
    """The folder that a file is one record of; years and bundles are one folder."""
    path = PurePosixPath(name)
    folder = path.parent.parent if path.stem.lower() == "index" else path.parent
    return "" if str(folder) == "." else NUMBERS.sub("*", str(folder))
