"""OAI-PMH 2.0: the records of a repository, its deletions, and only what changed when asked."""

import datetime
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lxml import etree

from partners.connectors.base import Connector, RawRow, SourceError
from partners.connectors.oai_records import licence_in, metadata, page_in
from partners.connectors.oai_repository import ExpiredToken, Repository
from partners.connectors.safe_xml import text_of

MAX_PAGES = 20_000
RECORDS = ".//{*}ListRecords/{*}record"
TOKEN = ".//{*}ListRecords/{*}resumptionToken"
IDENTIFIER = "{*}header/{*}identifier"


class OaiPmhConnector(Connector):
    kind = "oaipmh"
    label = "OAI-PMH (entrepôt, bibliothèque, archives)"
    explanation = "Un entrepôt OAI-PMH 2.0 : son adresse de base suffit."
    option_help = {
        "prefix": "Format des métadonnées (oai_dc, oai_qdc…) ; le plus riche connu sinon.",
        "set": "Ensemble à lire (setSpec) ; tout l’entrepôt sinon.",
    }
    can_read_since = True

    def rows(
        self, *, resume: Any = None, since: datetime.datetime | None = None
    ) -> Iterator[RawRow]:
        self._read = 0
        self._repository = Repository(self.url, self.fetcher, self._damaged)
        first = {"metadataPrefix": str(self.options.get("prefix") or "")}
        first["metadataPrefix"] = first["metadataPrefix"] or self._repository.best_prefix()
        if self.options.get("set"):
            first["set"] = str(self.options["set"])
        if since is not None:
            first["from"] = self._repository.stamp(since)
        resume = resume if isinstance(resume, dict) else {}
        try:
            yield from self._from(first, str(resume.get("token", "")), int(resume.get("read", 0)))
        except ExpiredToken:
            # What was already given is given again: the harvest knows its records.
            self.warnings.append("L’entrepôt a perdu le fil : lecture reprise depuis le début.")
            yield from self._again(first)
        if since is None:
            self.check_expected(self._read)

    def _again(self, first: dict[str, str]) -> Iterator[RawRow]:
        try:
            yield from self._from(first, "", 0)
        except ExpiredToken as error:
            raise SourceError(
                "jeton", "L’entrepôt ne reconnaît pas les jetons qu’il vient de donner."
            ) from error

    def _from(self, first: dict[str, str], token: str, read: int) -> Iterator[RawRow]:
        """The records of the pages from ``token`` ("" for the first) to the last."""
        self._read, tokens, before = read, {token}, ""
        while len(tokens) <= MAX_PAGES:
            root = self._repository.ask(
                "ListRecords", {"resumptionToken": token} if token else first
            )
            self.cursor = {"token": token, "read": self._read}
            records = root.findall(RECORDS)
            shown = " ".join(text_of(r.find(IDENTIFIER)) for r in records)
            if shown and shown == before:
                break
            before = shown
            for record in records:
                self._read += 1
                yield self._row(record)
            token = self._next_token(root)
            if not token:
                return
            if token in tokens:
                break
            tokens.add(token)
        self.is_complete = False
        self.warnings.append("L’entrepôt redonne sans fin les mêmes pages : lecture arrêtée.")

    def _next_token(self, root: etree._Element) -> str:
        following = root.find(TOKEN)
        if following is None:
            return ""
        size = following.get("completeListSize", "")
        self.expected = int(size) if size.isdigit() else self.expected
        return text_of(following)

    def _row(self, record: etree._Element) -> RawRow:
        header = record.find("{*}header")
        row = RawRow(
            data={},
            position=f"notice {self._read}",
            external_id=text_of(record.find(IDENTIFIER)) or None,
            date=text_of(record.find("{*}header/{*}datestamp")),
            is_deleted=header is not None and header.get("status") == "deleted",
        )
        if row.is_deleted:
            return row
        data = metadata(record)
        if sets := [text_of(s) for s in record.iterfind("{*}header/{*}setSpec")]:
            data["setSpec"] = sets
        return replace(row, data=data, url=page_in(data), licence=licence_in(data))

    def _damaged(self) -> None:
        self.is_complete = False
        self.warnings.append("Une page de l’entrepôt est abîmée : lue autant que possible.")
