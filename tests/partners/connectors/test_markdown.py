"""Records kept as files in an archive, or alone."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from partners.connectors import SourceError, archives
from partners.connectors.front_matter import Unreadable, loaded
from tests.partners.connectors.conftest import Read, sample

Serve = Callable[..., str]
FICHE = sample("fiche.md")


def zipped(files: dict[str, bytes]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return output.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return output.getvalue()


REPOSITORY = {
    "site-main/README.md": b"# Le site",
    "site-main/content/fiches/_index.md": b"---\ntitle: Les fiches\n---\n",
    "site-main/content/fiches/atelier.md": FICHE,
    "site-main/content/fiches/jardin.md": b"+++\ntitle = 'Le jardin'\nannee = 2019\n+++\nTexte.\n",
    "site-main/content/fiches/sans-tete.md": b"#Un titre\n\nUn texte.",
    "site-main/content/equipe/nous.md": b"---\nnom: Nous\n---\n",
}


@pytest.mark.parametrize(
    "pack",
    [zipped, tarred, lambda f: tarred(f, "w"), lambda f: tarred(f, "w:bz2"),
     lambda f: tarred(f, "w:xz")],
    ids=["zip", "tar.gz", "tar", "tar.bz2", "tar.xz"],
)  # fmt: skip
def test_the_files_of_the_fullest_folder_are_the_records(
    serve: Serve, read: Read, pack: Callable[..., bytes]
) -> None:
    rows = read("markdown", serve("/depot", pack(REPOSITORY)))
    assert [r.external_id for r in rows] == ["atelier", "jardin", "sans-tete"]
    assert rows[0].position == "fichier content/fiches/atelier.md"
    assert rows[0].date.startswith("2024-03-01T10:00:00")
    assert rows[1].data == {
        "fichier": "content/fiches/jardin.md",
        "title": "Le jardin",
        "annee": 2019,
        "content": "<p>Texte.</p>",
    }
    assert rows[2].data["title"] == "Un titre"
    assert read.connector.is_complete  # type: ignore[attr-defined]
    assert "« content/fiches » (3)" in read.connector.warnings[0]  # type: ignore[attr-defined]
    assert "content/equipe (1)" in read.connector.warnings[0]  # type: ignore[attr-defined]


def test_front_matter_keeps_its_words_and_the_text_is_safe_html(serve: Serve, read: Read) -> None:
    (row,) = read("markdown", serve("/fiche.md", FICHE))
    assert row.data["code"] == "01004"
    assert row.data["ouvert"] == "oui"
    assert row.data["date"] == "2024-02-01"
    assert row.data["themes"] == ["Réemploi", "Lien social "]
    assert row.data["porteur"] == {"nom": "Association de quartier"}
    content = row.data["content"]
    assert "<strong>réparent</strong>" in content
    assert "<li>le vélo</li>" in content
    assert "<h3>Le besoin</h3>" in content
    assert "script" not in content
    assert "video" not in content


def test_a_path_chooses_the_files(serve: Serve, read: Read) -> None:
    url = serve("/depot.zip", zipped(REPOSITORY))
    assert [r.data["nom"] for r in read("markdown", url, path="content/equipe/*.md")] == ["Nous"]
    with pytest.raises(SourceError, match="Aucun fichier"):
        read("markdown", url, path="absent/*.md")


def test_bundles_are_named_by_their_folder_and_years_are_one_folder(
    serve: Serve, read: Read
) -> None:
    files = {
        "a/2019/atelier/index.md": FICHE,
        "a/2020/jardin/index.md": FICHE,
        "a/2020/epicerie/index.md": FICHE,
        "autre.md": b"---\ntitle: Seul\n---",
    }
    rows = read("markdown", serve("/depot.zip", zipped(files)))
    assert [r.external_id for r in rows] == ["atelier", "jardin", "epicerie"]


def test_two_files_of_one_name_keep_their_folders(serve: Serve, read: Read) -> None:
    files = {"2019/atelier.md": FICHE, "2020/atelier.md": FICHE, "2020/jardin.md": FICHE}
    rows = read("markdown", serve("/depot.zip", zipped(files)))
    assert [r.external_id for r in rows] == ["2019/atelier.md", "2020/atelier.md", "jardin"]


@pytest.mark.parametrize(
    ("document", "titles"),
    [
        ("- titre: A\n- titre: B\n", ["A", "B"]),
        ("a:\n  titre: A\nb:\n  titre: B\n", ["A", "B"]),
        ("projets:\n  - titre: A\n  - titre: B\n", ["A", "B"]),
        ("titre: A\nville: Nantes\n", ["A"]),
    ],
    ids=["a-list", "an-object-by-identifier", "a-list-under-a-name", "one-record"],
)
@pytest.mark.parametrize("name", ["/liste.yml", "/donnees"])
def test_a_yaml_file_is_rows_too(
    serve: Serve, read: Read, document: str, titles: list[str], name: str
) -> None:
    rows = read("markdown", serve(name, document))
    assert [r.data["titre"] for r in rows] == titles
    if "a:\n" in document:
        assert [r.external_id for r in rows] == ["a", "b"]


def test_an_unreadable_head_keeps_its_identity_and_tells_why(serve: Serve, read: Read) -> None:
    files = {
        "f/a.md": FICHE,
        "f/b.md": b"---\ntitle: [a, b\n---\nTexte",
        "f/c.md": b"+++\n=\n+++\n",
    }
    rows = read("markdown", serve("/depot.zip", zipped(files)))
    assert [r.external_id for r in rows] == ["a", "b", "c"]
    assert "YAML illisible (ligne" in rows[1].data["erreur"]
    assert rows[2].data["erreur"] == "TOML illisible."


def test_names_that_climb_out_links_and_hidden_files_are_left(serve: Serve, read: Read) -> None:
    files = {"../../secret.md": FICHE, "/etc/secret.md": FICHE, "__MACOSX/f/a.md": FICHE,
             "C:/secret.md": FICHE, "f/a.md": FICHE}  # fmt: skip
    assert [r.external_id for r in read("markdown", serve("/d.zip", zipped(files)))] == ["a"]
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz") as archive:
        link = tarfile.TarInfo("f/lien.md")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        member = tarfile.TarInfo("f/a.md")
        member.size = len(FICHE)
        archive.addfile(member, io.BytesIO(FICHE))
    assert [r.external_id for r in read("markdown", serve("/d.tgz", output.getvalue()))] == ["a"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zipped({"a.md": b"0" * 5_000_000}), "trop grosse"),
        (zipped({f"{n}.md": b"0" * 900_000 for n in range(4)}), "trop grosse"),
        (tarred({f"{n}.md": b"0" * 900_000 for n in range(4)}), "trop grosse"),
        (gzip.compress(b"0" * 5_000_000), "trop grosse"),
        (zipped(REPOSITORY)[:-200], "illisible"),
        (tarred(REPOSITORY)[:-80], "illisible"),
        (zipped({"photo.jpg": b"0"} | {"b.png": b"1"}), "Aucun fichier"),
        (zipped({f"f/{n}.md": b"" for n in range(60)}), "trop grosse"),
    ],
    ids=[
        "zip-of-one-bomb", "zip-of-many", "tar-of-many", "gzip-bomb", "cut-zip", "cut-tar",
        "nothing-to-read", "too-many-files",
    ],
)  # fmt: skip
def test_archives_that_cannot_be_read_are_told(
    serve: Serve, read: Read, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    monkeypatch.setattr(archives, "MAX_FILE", 1_000_000)
    monkeypatch.setattr(archives, "MAX_TOTAL", 3_000_000)
    monkeypatch.setattr(archives, "MAX_FILES", 50)
    with pytest.raises(SourceError, match=said):
        read("markdown", serve("/d", content))


def bomb(depth: int, line: str) -> str:
    return "l0: &l0 {a: 1, b: 2}\n" + "".join(
        line.format(n=n, before=", ".join([f"*l{n - 1}"] * 9)) for n in range(1, depth)
    )


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (bomb(12, "l{n}: &l{n} [{before}]\n"), "démesuré"),
        (bomb(12, "l{n}: &l{n} {{<<: [{before}]}}\n"), "démesuré"),
        ("a: &a [*a]", "imbriqué"),
        ("[" * 5000, "illisible"),
        ("!!python/object/apply:os.system ['true']", "illisible"),
        ("a: [1", "illisible"),
    ],
    ids=["aliases", "merges", "endless", "deep", "python", "unclosed"],
)
def test_yaml_bombs_are_refused(document: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as caught:
        loaded(document)
    assert caught.value.message.endswith(".")
