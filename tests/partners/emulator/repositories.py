"""OAI-PMH repositories: one made of rows, one recorded."""

from pathlib import Path
from xml.sax.saxutils import escape

from werkzeug import Request

from tests.partners.emulator.answers import PAGE, Answer, Built
from tests.partners.emulator.telling import first, longest
from tests.partners.real_rows import RealSource, rows_of

OAI = (
    '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    "<responseDate>2024-03-01T10:00:00Z</responseDate><request>{base}</request>{answer}</OAI-PMH>"
)
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">{elements}</oai_dc:dc>'
)


def oai(path: Path, source: RealSource, base: str) -> Built:
    """A repository that gives its records forty at a time."""
    records = []
    for rank, row in enumerate(rows_of(path), start=1):
        said = {
            "title": first(row, source, "title"),
            "description": longest(row, source),
            "coverage": first(row, source, "place"),
            "identifier": f"{base}/fiches/{rank}",
        }
        elements = "".join(f"<dc:{k}>{escape(v)}</dc:{k}>" for k, v in said.items() if v)
        records.append(
            f"<record><header><identifier>oai:exemple.fr:{rank}</identifier>"
            f"<datestamp>2024-03-01</datestamp></header>"
            f"<metadata>{DC.format(elements=elements)}</metadata></record>"
        )
    answers = {
        "Identify": "<Identify><repositoryName>Exemple</repositoryName>"
        f"<baseURL>{base}/depot</baseURL><protocolVersion>2.0</protocolVersion>"
        "<earliestDatestamp>2020-01-01</earliestDatestamp><deletedRecord>no</deletedRecord>"
        "<granularity>YYYY-MM-DD</granularity></Identify>",
        "ListMetadataFormats": "<ListMetadataFormats><metadataFormat>"
        "<metadataPrefix>oai_dc</metadataPrefix></metadataFormat></ListMetadataFormats>",
        "ListSets": '<error code="noSetHierarchy">Pas d’ensembles</error>',
    }

    def site(request: Request, at: str) -> Answer:
        verb = request.args.get("verb", "")
        answer = answers.get(verb, '<error code="badVerb">Verbe absent ou inconnu</error>')
        if verb == "ListRecords":
            start = int(request.args.get("resumptionToken", "0"))
            end = start + PAGE
            token = str(end) if end < len(records) else ""
            sized = f'<resumptionToken completeListSize="{len(records)}">{token}</resumptionToken>'
            answer = f"<ListRecords>{''.join(records[start:end])}{sized}</ListRecords>"
        return 200, OAI.format(base=f"{base}/depot", answer=answer), {}

    return site, "/depot"


def oai_recorded(path: Path, source: RealSource, base: str) -> Built:
    """The answers recorded beside the file, as their server gave them."""
    kept = {p.stem: p.read_bytes() for p in path.parent.glob("*.xml")}
    none = OAI.format(base=base, answer='<error code="badVerb">Illegal verb</error>').encode()

    def site(request: Request, at: str) -> Answer:
        return 200, kept.get(request.args.get("verb", ""), none), {}

    return site, "/depot"
