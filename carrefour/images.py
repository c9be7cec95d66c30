"""Pictures received from others: really pictures, of a bearable size, rid of all but what shows."""

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# Inflated, a picture of so many pixels takes 160 MB: beyond is a bomb, or of no use here.
MAX_PIXELS = 40_000_000
QUALITY = 80


class NotAPicture(ValueError):
    """What was given is no picture that can be shown; ``message`` is one French sentence."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True)
class Converted:
    """A picture in WebP; ``digest`` is the SHA-256 of ``content``, sizes are in pixels."""

    content: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def converted(content: bytes, boxes: Sequence[tuple[int, int]], smallest: int) -> list[Converted]:
    """The picture within each box (width, height), never enlarged, without its metadata (place and
    camera of a photograph, colour profile, comments).

    Raises ``NotAPicture`` when it is none, too large, or smaller than ``smallest`` on a side.
    """
    picture = _opened(content)
    if min(picture.size) < smallest:
        raise NotAPicture(
            f"Cette image est trop petite : {picture.width} × {picture.height} pixels, il en faut "
            f"{smallest} au moins."
        )
    return [_fitted(picture, box) for box in boxes]


def _opened(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(content), formats=FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise NotAPicture("Cette image compte trop de pixels (40 millions au plus).")
            # Turned as its camera said, then that word goes with the others.
            upright = ImageOps.exif_transpose(picture)
            has_alpha = "A" in upright.getbands() or "transparency" in upright.info
            return upright.convert("RGBA" if has_alpha else "RGB")
    except NotAPicture:
        raise
    except UnidentifiedImageError as error:
        raise NotAPicture("Ce fichier n’est pas une image JPEG, PNG, WebP ou GIF.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAPicture("Cette image compte trop de pixels (40 millions au plus).") from error
    # Pillow's decoders raise about anything on a damaged file.
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError) as error:
        raise NotAPicture("Cette image est abîmée.") from error


def _fitted(picture: Image.Image, box: tuple[int, int]) -> Converted:
    small = picture.copy()
    small.thumbnail(box, Image.Resampling.LANCZOS)
    # Nothing but the pixels is carried over.
    small.info = {}
    output = BytesIO()
    small.save(output, "WEBP", quality=QUALITY, method=4)
    return Converted(output.getvalue(), small.width, small.height)
