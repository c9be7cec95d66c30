"""Draws the pictures of the sample sites: flat shapes of our own, which show no one and no logo.

``python -m carrefour.demo.illustrations`` writes them again under sites/; the files are committed.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

SITES = Path(__file__).parent / "sites"
WIDTH, HEIGHT = 960, 540
# Drawn larger then reduced: edges are smooth.
SCALE = 2
QUALITY = 70

BLUE, NIGHT, SKY, ICE = "#6a6af4", "#2a2a6b", "#b5c7f4", "#e8edff"
GREEN, MOSS, MINT = "#68a532", "#447049", "#c9e8bf"
SAND, CREAM, CLAY, BRICK = "#e6d3a3", "#fbf4e2", "#c08c65", "#a94645"
SUN, CORAL, PINK, WHITE = "#fdcf41", "#ff9575", "#fddfda", "#ffffff"


class Sheet:
    """A drawing of 960 × 540 units on a coloured ground."""

    def __init__(self, ground: str) -> None:
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), ground)
        self._draw = ImageDraw.Draw(self.image)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        box = [v * SCALE for v in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.ellipse(box, fill=colour)

    def half(self, x: float, y: float, radius: float, colour: str, start: float = 0) -> None:
        """Half a disc, from the angle ``start`` (degrees, clockwise; 0: its lower half)."""
        box = [v * SCALE for v in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.pieslice(box, start, start + 180, fill=colour)

    def box(self, x: float, y: float, width: float, height: float, colour: str, r: int = 0) -> None:
        box = [v * SCALE for v in (x, y, x + width, y + height)]
        self._draw.rounded_rectangle(box, r * SCALE, fill=colour)

    def shape(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=colour)

    def line(self, points: Sequence[tuple[float, float]], width: float, colour: str) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(scaled, fill=colour, width=round(width * SCALE), joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, colour)

    def hill(self, y: float, height: float, phase: float, colour: str) -> None:
        crest = [
            (x, y - height * (1 + math.sin(x / 170 + phase)) / 2) for x in range(0, WIDTH + 20, 20)
        ]
        self.shape([(0, HEIGHT), *crest, (WIDTH, HEIGHT)], colour)


def bowl() -> Sheet:
    sheet = Sheet(CREAM)
    sheet.disc(480, 300, 230, SAND)
    for x in (400, 480, 560):
        curve = [(x + 16 * math.sin(y / 22), y) for y in range(120, 221, 5)]
        sheet.line(curve, 12, WHITE)
    sheet.half(480, 290, 180, BRICK)
    sheet.box(290, 272, 380, 36, CORAL, 18)
    sheet.box(410, 462, 140, 22, BRICK, 11)
    sheet.line([(690, 150), (610, 285)], 14, CLAY)
    return sheet


def earth_house() -> Sheet:
    sheet = Sheet(ICE)
    sheet.disc(770, 140, 70, SUN)
    sheet.hill(470, 90, 0.4, MINT)
    sheet.shape([(250, 270), (480, 110), (710, 270)], BRICK)
    for row, colour in enumerate((SAND, CLAY, SAND, CLAY, SAND)):
        sheet.box(290, 270 + 40 * row, 380, 40, colour)
    sheet.box(440, 340, 90, 130, NIGHT, 8)
    for x in (330, 570):
        sheet.box(x, 310, 64, 64, ICE, 6)
    sheet.hill(520, 50, 2.2, GREEN)
    return sheet


def mosaic() -> Sheet:
    sheet = Sheet(NIGHT)
    colours = (BLUE, SKY, CORAL, SUN, MINT, PINK, GREEN)
    for row in range(3):
        for column in range(6):
            x, y = 60 + 145 * column, 55 + 148 * row
            colour = colours[(3 * row + 2 * column) % len(colours)]
            kind = (row * 2 + column) % 4
            if kind == 0:
                sheet.box(x, y, 132, 132, colour, 12)
            elif kind == 1:
                sheet.disc(x + 66, y + 66, 66, colour)
            elif kind == 2:
                sheet.half(x + 66, y, 66, colour)
                sheet.half(x + 66, y + 132, 66, colour, 180)
            else:
                sheet.shape([(x, y + 132), (x + 66, y), (x + 132, y + 132)], colour)
    return sheet


def screens() -> Sheet:
    sheet = Sheet(PINK)
    sheet.disc(220, 150, 90, CORAL)
    sheet.box(250, 120, 460, 290, NIGHT, 24)
    sheet.box(274, 144, 412, 242, SKY, 8)
    for x, y, colour in ((360, 300, SUN), (480, 230, WHITE), (600, 300, CORAL)):
        sheet.disc(x, y, 46, colour)
    sheet.line([(360, 300), (480, 230), (600, 300)], 8, NIGHT)
    sheet.box(440, 410, 80, 46, NIGHT)
    sheet.box(360, 450, 240, 24, NIGHT, 12)
    return sheet


def journey() -> Sheet:
    sheet = Sheet(SKY)
    sheet.disc(480, 300, 190, WHITE)
    sheet.disc(480, 300, 170, BLUE)
    for x, y, radius in ((410, 250, 60), (540, 330, 74), (450, 400, 44), (560, 215, 34)):
        sheet.disc(x, y, radius, MINT)
    arc = [(480 + 330 * math.cos(a / 50), 320 - 240 * math.sin(a / 50)) for a in range(8, 150, 3)]
    for dot in arc[::3]:
        sheet.disc(*dot, 7, WHITE)
    sheet.disc(*arc[0], 26, CORAL)
    sheet.disc(*arc[-1], 18, NIGHT)
    return sheet


def shelves() -> Sheet:
    sheet = Sheet(CREAM)
    colours = (GREEN, BRICK, SUN, BLUE, CORAL, MOSS)
    for row, y in enumerate((200, 350, 500)):
        for place in range(7):
            x = 130 + 104 * place
            colour = colours[(place * 2 + row * 3) % len(colours)]
            if (place + row) % 3:
                sheet.box(x, y - 100, 76, 100, colour, 14)
                sheet.box(x + 10, y - 64, 56, 36, CREAM, 6)
                sheet.box(x + 14, y - 116, 48, 18, NIGHT, 5)
            else:
                sheet.disc(x + 38, y - 40, 40, colour)
        sheet.box(90, y, 780, 16, CLAY, 4)
    return sheet


def map_of_places() -> Sheet:
    sheet = Sheet(MINT)
    for x, y, width, height in ((70, 60, 250, 170), (370, 60, 200, 170), (70, 290, 330, 190)):
        sheet.box(x, y, width, height, ICE, 10)
    sheet.box(630, 60, 260, 240, GREEN, 30)
    sheet.line([(0, 260), (340, 260), (600, 260), (720, 400), (960, 430)], 30, WHITE)
    sheet.line([(345, 0), (345, 260), (460, 540)], 30, WHITE)
    for x, y, colour in ((200, 160, BRICK), (500, 180, BLUE), (740, 210, BRICK), (590, 420, NIGHT)):
        sheet.shape([(x - 33, y - 38), (x + 33, y - 38), (x, y + 34)], colour)
        sheet.disc(x, y - 50, 38, colour)
        sheet.disc(x, y - 50, 15, WHITE)
    return sheet


def warm_houses() -> Sheet:
    sheet = Sheet(NIGHT)
    sheet.disc(760, 130, 66, SUN)
    sheet.disc(790, 110, 56, NIGHT)
    roofs = ((110, 300, BLUE), (330, 240, CLAY), (550, 320, SKY), (740, 270, CORAL))
    for x, y, colour in roofs:
        sheet.box(x, y, 170, 500 - y, colour)
        sheet.shape([(x - 18, y), (x + 85, y - 84), (x + 188, y)], BRICK)
        for across in (28, 98):
            for down in (36, 116):
                sheet.box(x + across, y + down, 44, 52, SUN, 4)
    sheet.box(0, 500, WIDTH, 40, MOSS)
    return sheet


WORDPRESS = "imagination-for-people-exemple/wp-content/uploads/2024/01"
API = "communecter-exemple/images"
PICTURES: dict[str, Callable[[], Sheet]] = {
    f"{WORDPRESS}/cuisine-mode-d-emplois.webp": bowl,
    f"{WORDPRESS}/enerterre.webp": earth_house,
    f"{WORDPRESS}/mozaik-rh.webp": mosaic,
    f"{WORDPRESS}/silver-geek.webp": screens,
    f"{WORDPRESS}/mobilite-internationale-adice.webp": journey,
    f"{API}/epicerie-armentieres.webp": shelves,
    f"{API}/cartomobilite.webp": map_of_places,
    f"{API}/precarite-energetique-grenoble.webp": warm_houses,
}


def draw(folder: Path = SITES) -> list[Path]:
    """Write all pictures under ``folder``; returns their paths."""
    written = []
    for name, picture in PICTURES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        small = picture().image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        small.save(path, "WEBP", quality=QUALITY, method=6)
        written.append(path)
    return written


if __name__ == "__main__":
    draw()
