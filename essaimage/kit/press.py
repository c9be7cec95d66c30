"""The program that makes one PDF, apart from the site: what it takes of time and memory is bounded.

Standard input: what ``typesetting.payload`` gives; standard output: the PDF. Status 1 and the
reason on the standard error when Typst or a standard refuses it. Knows nothing of the site.
"""

import resource
import sys
from pathlib import Path

import typst

FOLDER = Path(__file__).parent
MEMORY = 1 << 30


def main(seconds: int) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    told = sys.stdin.buffer.read().decode()
    try:
        made = typst.compile(
            FOLDER / "kit.typ",
            root=FOLDER,
            font_paths=[FOLDER / "fonts"],
            ignore_system_fonts=True,
            # For assistive technologies, and to be kept: what does not conform is refused.
            pdf_standards=["ua-1", "a-2a"],
            sys_inputs={"kit": told},
        )
    except typst.TypstError as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
