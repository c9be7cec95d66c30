"""Documents that are not data: told apart by what they hold, to say what to do of them."""

import zipfile
from typing import IO

ADVICE = "Enregistrez le tableau en CSV ou en XLSX."
WORD, SLIDES = "C’est un document Word", "C’est un diaporama"
PARTS = {"word/document.xml": WORD, "ppt/presentation.xml": SLIDES}
MEDIA = {
    b"application/vnd.oasis.opendocument.text": "C’est un document de traitement de texte",
    b"application/vnd.oasis.opendocument.presentation": SLIDES,
    b"application/vnd.oasis.opendocument.graphics": "C’est un dessin",
    b"application/epub+zip": "C’est un livre numérique",
}
STARTS = {
    b"%PDF": "C’est un PDF",
    b"\x89PNG": "C’est une image",
    b"\xff\xd8\xff": "C’est une image",
    b"GIF8": "C’est une image",
    b"MZ": "C’est un programme",
    b"\x7fELF": "C’est un programme",
    b"Rar!": "C’est une archive RAR",
    b"7z\xbc\xaf": "C’est une archive 7-Zip",
    b"{\\rtf": "C’est un document de traitement de texte",
}
ZIP = b"PK\x03\x04"


def foreign(file: IO[bytes]) -> str:
    """What the document is when it holds no table, and what to do: « C’est un document Word :
    enregistrez… », "" when it may be data. The file is left at its start."""
    file.seek(0)
    head = file.read(16)
    found = next((said for start, said in STARTS.items() if head.startswith(start)), "")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        found = "C’est une image"
    if head.startswith(ZIP):
        found = _packed(file)
    file.seek(0)
    return f"{found} : {ADVICE[0].lower()}{ADVICE[1:]}" if found else ""


def _packed(file: IO[bytes]) -> str:
    """Office documents are zip archives."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            told = next((said for part, said in PARTS.items() if part in names), "")
            if told or "mimetype" not in names or archive.getinfo("mimetype").file_size > 200:
                return told
            media = archive.read("mimetype").strip()
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return ""
    return MEDIA.get(media.removesuffix(b"-template"), "")
