"""Screenshots: programs and web pages, light and dark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrcli.synth import vocabulary as vocab
from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Colour, Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.studio import Studio, chance, pick, random_colour
from ocrcli.synth.layouts.typeset import Type, type_at
from ocrcli.synth.layouts.wording import clean


@dataclass
class _Theme:
    """Colours and faces of a desktop."""

    ground: Colour
    panel: Colour
    line: Colour
    ink: Colour
    faint: Colour
    accent: Colour
    type: Type
    bold: Type


def draw(rng: np.random.Generator, studio: Studio) -> Sheet:
    """One of: a window of a program, an editor, a terminal, a web page, a settings page."""
    width, height = studio.size(rng, float(rng.choice([0.5625, 0.625, 0.75, 1.0, 1.8])))
    theme = _theme(rng, studio)
    sheet = Sheet(width, height, theme.ground, theme.ink, grey=False)
    kinds = (_editor, _terminal, _web, _web, _window, _settings)
    kinds[int(rng.integers(len(kinds)))](rng, studio, sheet, theme)
    return sheet


def _shade(level: float, rng: np.random.Generator) -> Colour:
    red, green, blue = (int(v) for v in np.clip(level + rng.normal(0, 4, 3), 0, 255))
    return red, green, blue


def _theme(rng: np.random.Generator, studio: Studio) -> _Theme:
    dark = chance(rng, 0.4)
    ground = float(rng.uniform(8, 50)) if dark else float(rng.uniform(238, 255))
    sign = 1 if dark else -1
    face = studio.faces.body(rng, serif=0.12)
    height = studio.text_height(rng, 9, 20)
    return _Theme(
        ground=_shade(ground, rng),
        panel=_shade(ground + sign * rng.uniform(6, 22), rng),
        line=_shade(ground + sign * rng.uniform(25, 60), rng),
        ink=_shade(rng.uniform(195, 255) if dark else rng.uniform(0, 70), rng),
        faint=_shade(ground + sign * rng.uniform(90, 140), rng),
        accent=random_colour(rng, dark=1.0),
        type=type_at(face, height),
        bold=type_at(studio.faces.sibling(face, rng), height),
    )


def _entry(rng: np.random.Generator, studio: Studio) -> str:
    if chance(rng, 0.6):
        return clean(str(vocab.INTERFACE[rng.integers(len(vocab.INTERFACE))]))
    return clean(" ".join(studio.wording.words(rng, int(rng.integers(1, 4)))).capitalize())


def _bar(rng: np.random.Generator, studio: Studio, sheet: Sheet, theme: _Theme, y: float, entries: int) -> float:
    """A menu or tool bar across the window; returns its lower edge."""
    type = theme.type
    tall = type.height * float(rng.uniform(1.5, 2.4))
    sheet.box(0, y, sheet.width, y + tall, fill=theme.panel)
    x = type.height * 0.8
    baseline = y + (tall - type.height) / 2 + type.ascent
    for _ in range(entries):
        if chance(rng, 0.25):
            size = type.height * 0.9
            graphics.logo(sheet, rng, x, y + (tall - size) / 2, size)
            x += size * 1.5
        text = _entry(rng, studio)
        if x + type.length(text) > sheet.width - type.height:
            break
        _, x = sheet.text(x, baseline, text, type)
        x += type.height * float(rng.uniform(1.7, 2.6))
    sheet.next_block()
    return y + tall


def _sidebar(rng: np.random.Generator, studio: Studio, sheet: Sheet, theme: _Theme, top: float, width: float) -> None:
    type = theme.type
    sheet.box(0, top, width, sheet.height, fill=theme.panel)
    step = type.height * float(rng.uniform(1.25, 2.2))
    y, chosen = top + step * 0.5, int(rng.integers(12))
    for i in range(int(rng.integers(5, 30))):
        if y + step > sheet.height:
            break
        x = type.height * float(rng.choice([0.8, 0.8, 1.8]))
        colour = theme.ink
        if i == chosen:
            sheet.box(0, y, width, y + step, fill=theme.accent)
            colour = (255, 255, 255)
        if chance(rng, 0.4):
            graphics.logo(sheet, rng, x, y + step * 0.2, type.height * 0.7)
        x += type.height
        text = _cut(_entry(rng, studio), type, width - x - type.height * 0.5)
        sheet.text(x, y + (step - type.height) / 2 + type.ascent, text, type, colour=colour, leading=step)
        y += step
    sheet.next_block()


def _window(rng: np.random.Generator, studio: Studio, sheet: Sheet, theme: _Theme) -> None:
    """Menus, a list at the side, a table of files, a dialogue over it."""
    y = _bar(rng, studio, sheet, theme, 0, int(rng.integers(3, 9)))
    if chance(rng, 0.6):
        y = _bar(rng, studio, sheet, theme, y, int(rng.integers(2, 8)))
    side = sheet.width * float(rng.uniform(0.15, 0.3))
    dialogue = chance(rng, 0.35)
    area = (side + sheet.width) / 2, (y + sheet.height) / 2
    half = sheet.width * 0.24, sheet.height * 0.2
    _sidebar(rng, studio, sheet, theme, y, side)
    _files(rng, studio, sheet, theme, side, y, area[1] - half[1] if dialogue else sheet.height)
    if dialogue:
        _dialogue(rng, studio, sheet, theme, area, half)


def _files(rng: np.random.Generator, studio: Studio, sheet: Sheet, theme: _Theme, x: float, top: float, bottom: float) -> None:
    type = theme.type
    shares = np.array([0, 0.45, 0.7, 1.0]) * (sheet.width - x)
    step = type.height * float(rng.uniform(1.2, 1.9))
    y = top + step * 0.3
    corpus = studio.wording.corpus
    while y + step < bottom:
        baseline = y + (step - type.height) / 2 + type.ascent
        for i, text in enumerate((corpus.address(rng), corpus.date(rng), f"{rng.integers(1, 999)} KB")):
            room = shares[i + 1] - shares[i] - 2.5 * type.height
            text = _cut(clean(text), type, room)
            sheet.text(x + shares[i] + type.height, baseline, text, type, colour=theme.ink if i == 0 else theme.faint, leading=step)
        y += step
    sheet.next_block()


def _dialogue(
    rng: np.random.Generator, studio: Studio, sheet: Sheet, theme: _Theme, centre: tuple[float, float], half: tuple[float, float]
) -> None:
    x0, y0, x1, y1 = centre[0] - half[0], centre[1] - half[1], centre[0] + half[0], centre[1] + half[1]
    sheet.box(x0, y0, x1, y1, fill=theme.ground, outline=theme.line, radius=float(rng.choice([0, 8])))
    edge = theme.type.height
    column = Column(sheet, x0 + edge, y0 + edge * 0.6, x1 - x0 - 2 * edge, y1 - edge * 2.6)
    column.paragraph(studio.wording.title(rng, 1, 4).split(), Style(theme.bold, 1.3), rng)
    column.paragraph(studio.wording.paragraph(rng, int(rng.integers(6, 30))), Style(theme.type, 1.3), rng)
    x = x1 - edge
    for name, fill in (("OK", theme.accent), ("Cancel", theme.panel)):
        wide = theme.type.length(name) + 2 * edge
        sheet.box(x - wide, y1 - edge * 2.2, x, y1 - edge * 0.6, fill=fill, outline=theme.line, radius=4)
        ink = (255, 255, 255) if name == "OK" else theme.ink
        sheet.text(x - wide / 2, y1 - edge * 1.4 + theme.type.ascent / 2, name, theme.type, align=0.5, colour=ink)
        x -= wide + edge


def _settings(rng: np.random.Generator, studio: Studio, sheet: Sheet, theme: _Theme) -> None:
    """Labels with fields, switches and buttons."""
    y = _bar(rng, studio, sheet, theme, 0, int(rng.integers(1, 6)))
    side = sheet.width * float(rng.uniform(0.15, 0.3)) if chance(rng, 0.5) else 0.0
    if side:
        _sidebar(rng, studio, sheet, theme, y, side)
    type, edge = theme.type, theme.type.height
    y += edge
    while y + edge * 3 < sheet.height:
        x = side + edge * 1.5
        label = _cut(studio.wording.label(rng), type, (sheet.width - x) * 0.45)
        baseline = y + edge * 0.4 + type.ascent
        _, end = sheet.text(x, baseline, label, type)
        field = max(end + edge * 2, side + (sheet.width - side) * 0.4)
        if chance(rng, 0.6):
            sheet.box(field, y, sheet.width - edge * 2, y + edge * 1.8, fill=theme.panel, outline=theme.line, radius=float(rng.choice([0, 5])))
            text = _cut(studio.wording.value(rng), type, sheet.width - field - edge * 4)
            sheet.text(field + edge * 0.6, baseline, text, type, colour=theme.ink if chance(rng, 0.6) else theme.faint)
        else:
            sheet.box(field, y + edge * 0.3, field + edge * 2.2, y + edge * 1.4, fill=theme.accent if chance(rng, 0.5) else theme.line, radius=edge * 0.5)
        y += edge * float(rng.uniform(2.1, 3))
        if chance(rng, 0.3):
            sheet.next_block()


def _editor(rng: np.random.Generator, studio: Studio, sheet: Sheet, theme: _Theme) -> None:
    """Source code with line numbers, in the colours of its parts."""
    type = type_at(studio.faces.mono(rng), theme.type.height)
    y = _bar(rng, studio, sheet, theme, 0, int(rng.integers(2, 7)))
    side = sheet.width * float(rng.uniform(0.12, 0.25)) if chance(rng, 0.5) else 0.0
    if side:
        _sidebar(rng, studio, sheet, theme, y, side)
    step = type.height * float(rng.uniform(1.1, 1.6))
    left = side + type.length("0000") + 2.4 * type.height
    depth, number = 0, int(rng.integers(1, 500))
    colours = [theme.ink, theme.ink, theme.faint, _tinted(rng, theme), _tinted(rng, theme)]
    while y + step < sheet.height:
        baseline = y + (step - type.height) / 2 + type.ascent
        sheet.text(left - type.height * 1.8, baseline, str(number), type, align=1, colour=theme.faint, leading=step)
        if chance(rng, 0.85):
            depth = int(np.clip(depth + rng.integers(-1, 2), 0, 6))
            text = _code(rng, studio)
            x = left + depth * 2 * type.length("n")
            sheet.text(x, baseline, _cut(text, type, sheet.width - x - type.height), type, colour=colours[int(rng.integers(5))], leading=step)
        y, number = y + step, number + 1


def _tinted(rng: np.random.Generator, theme: _Theme) -> Colour:
    ink = np.array(theme.ink, dtype=float)
    red, green, blue = (int(v) for v in np.clip(ink + rng.uniform(-90, 90, 3), 0, 255))
    return red, green, blue


def _code(rng: np.random.Generator, studio: Studio) -> str:
    a, b, c = studio.wording.words(rng, 3)
    forms = (
        f"def {a}_{b}(self, {c}):", f"return {a}.{b}({c})", f"if ({a} == {rng.integers(100)}) {{", "}", f"const {a} = {b}[{rng.integers(9)}];",
        f"# {' '.join(studio.wording.words(rng, 6))}", f"import {a}.{b}", f"for {a} in range({rng.integers(999)}):", f"<div class=\"{a}\">{b}</div>",
        f"self.{a} += {b} * {rng.integers(99)}", f"// {a} {b} {c}", f"{a}: \"{b}\",", f"public static void {a}(int {b})", f"print(f\"{{{a}}} {b}\")",
    )  # fmt: skip
    return clean(forms[int(rng.integers(len(forms)))])


def _terminal(rng: np.random.Generator, studio: Studio, sheet: Sheet, theme: _Theme) -> None:
    """A command line with its output."""
    type = type_at(studio.faces.mono(rng), theme.type.height)
    step = type.height * float(rng.uniform(1.05, 1.35))
    y = _bar(rng, studio, sheet, theme, 0, 2) if chance(rng, 0.5) else 0.0
    corpus = studio.wording.corpus
    while y + step < sheet.height:
        baseline = y + (step - type.height) / 2 + type.ascent
        roll, text = rng.random(), ""
        if roll < 0.25:
            text = f"{pick(rng, ['$', '#', '>', 'user@host:~$'])} {' '.join(studio.wording.words(rng, int(rng.integers(1, 5))))} --{studio.wording.words(rng, 1)[0]}"
        elif roll < 0.6:
            text = " ".join(studio.wording.words(rng, int(rng.integers(2, 14))))
        elif roll < 0.9:
            text = f"[{corpus.date(rng)}] {pick(rng, ['INFO', 'ERROR', 'WARN', 'DEBUG'])}: {corpus.address(rng)} {corpus.number(rng)}"
        colour = theme.ink if chance(rng, 0.8) else _tinted(rng, theme)
        sheet.text(type.height * 0.5, baseline, _cut(clean(text), type, sheet.width - type.height), type, colour=colour, leading=step)
        y += step


def _web(rng: np.random.Generator, studio: Studio, sheet: Sheet, theme: _Theme) -> None:
    """A page with navigation, a headline, columns of text and pictures."""
    y = _bar(rng, studio, sheet, theme, 0, int(rng.integers(3, 8)))
    edge = sheet.width * float(rng.uniform(0.03, 0.12))
    if chance(rng, 0.35):
        tall = sheet.height * float(rng.uniform(0.12, 0.35))
        graphics.picture(sheet, rng, studio, 0, y, sheet.width, tall)
        y += tall
    count = int(rng.integers(1, 4)) if sheet.width > theme.type.length("n") * 60 else 1
    gutter = theme.type.height * 2
    each = (sheet.width - 2 * edge - gutter * (count - 1)) / count
    serif = studio.faces.any(rng, serif=1, sans=2)
    for i in range(count):
        column = Column(sheet, edge + i * (each + gutter), y + gutter * 0.5, each, sheet.height - 2)
        _articles(rng, studio, column, theme, serif)


def _articles(rng: np.random.Generator, studio: Studio, column: Column, theme: _Theme, head: object) -> None:
    body = Style(theme.type, float(rng.uniform(1.15, 1.6)))
    big = Style(type_at(head, theme.type.height * float(rng.uniform(1.2, 2.6))), 1.2)  # type: ignore[arg-type]
    link = Style(theme.type, body.leading, colour=_tinted(rng, theme))
    while column.room(body):
        roll = rng.random()
        if roll < 0.2 and column.room(big, 2):
            column.paragraph(studio.wording.title(rng, 2, 8).split(), big, rng)
        elif roll < 0.35:
            tall = column.width * float(rng.uniform(0.3, 0.7))
            if column.y + tall < column.bottom:
                graphics.picture(column.sheet, rng, studio, column.x, column.y, column.width, tall)
                column.skip(tall)
        elif roll < 0.45:
            column.paragraph(studio.wording.words(rng, int(rng.integers(2, 6))), link, rng)
        elif roll < 0.52:
            name, edge = _entry(rng, studio), theme.type.height
            wide = theme.type.length(name) + 2 * edge
            if wide < column.width and column.y + edge * 2 < column.bottom:
                column.sheet.box(column.x, column.y, column.x + wide, column.y + edge * 1.8, fill=theme.accent, radius=5)
                column.sheet.text(column.x + edge, column.y + edge * 0.4 + theme.type.ascent, name, theme.type, colour=(255, 255, 255))
                column.sheet.next_block()
                column.skip(edge * 1.8)
        else:
            column.paragraph(studio.wording.paragraph(rng, int(rng.integers(8, 70))), body, rng)
        column.skip(theme.type.height * float(rng.uniform(0.3, 1.2)))


def _cut(text: str, type: Type, room: float) -> str:
    """The words of ``text`` that fit."""
    words = text.split()
    while words and type.length(" ".join(words)) > room:
        words.pop()
    return " ".join(words)
