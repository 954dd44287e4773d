"""Screenshots: programs, editors, terminals and settings, light and dark; web pages are in ``web``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ocrcli.synth import vocabulary as vocab
from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.flow import Column, Style
from ocrcli.synth.layouts.runs import WHITE, Colour
from ocrcli.synth.layouts.studio import Desk, as_colour
from ocrcli.synth.layouts.typeset import Type, type_at
from ocrcli.synth.layouts.wording import clean

CODE = (  # {0}, {1} and {2} become words
    "def {0}_{1}(self, {2}):", "return {0}.{1}({2})", "if ({0} == 42) {{", "}}", "const {0} = {1}[7];",
    "# {0} {1} {2}", "import {0}.{1}", "for {0} in range(128):", '<div class="{0}">{1}</div>', '{0}: "{1}",',
    "self.{0} += {1} * 3", "// {0} {1} {2}", "public static void {0}(int {1})", 'print(f"{{{0}}} {1}")',
    "SELECT {0}, {1} FROM {2};", "*{0}++ = &{1};",
)  # fmt: skip
PROMPTS = ("$", "#", ">", "user@host:~$", "C:\\>")
LEVELS = ("INFO", "ERROR", "WARN", "DEBUG")


@dataclass
class Theme:
    """Colours and faces of a desktop, and the sheet they are used on."""

    ground: Colour
    panel: Colour
    line: Colour
    ink: Colour
    faint: Colour
    accent: Colour
    type: Type
    bold: Type


class Screen:
    """A screen being filled from above; ``x`` and ``y`` are where its free part begins."""

    def __init__(self, desk: Desk) -> None:
        width, height = desk.size(desk.pick([0.5625, 0.625, 0.75, 1.0, 1.8]))
        self.desk, self.theme = desk, _theme(desk)
        self.sheet = Sheet(width, height, self.theme.ground, self.theme.ink, grey=False)
        self.x, self.y = 0.0, 0.0

    def entry(self) -> str:
        """A label of a menu, a list or a button."""
        words = self.desk.wording.words(1, 4)
        return (
            clean(self.desk.pick(vocab.INTERFACE)) if self.desk.chance(0.6) else " ".join(words).capitalize()
        )

    def middle(self, top: float, step: float, type: Type) -> float:
        """The baseline of a line in the middle of a row."""
        return top + (step - type.height) / 2 + type.ascent

    def tinted(self) -> Colour:
        """The ink with a cast, as for links and for parts of source code."""
        return as_colour(np.array(self.theme.ink) + self.desk.rng.uniform(-90, 90, 3))

    def bar(self, entries: int) -> None:
        """A menu or tool bar across the screen."""
        desk, sheet, type = self.desk, self.sheet, self.theme.type
        tall, x = type.height * desk.uniform(1.5, 2.4), type.height * 0.8
        sheet.box(0, self.y, sheet.width, self.y + tall, fill=self.theme.panel)
        for _ in range(entries):
            if desk.chance(0.25):
                size = type.height * 0.9
                graphics.logo(sheet, desk, x, self.y + (tall - size) / 2, size)
                x += size * 1.5
            text = self.entry()
            if x + type.length(text) > sheet.width - type.height:
                break
            _, x = sheet.text(x, self.middle(self.y, tall, type), text, type)
            x += type.height * desk.uniform(1.7, 2.6)
        sheet.next_block()
        self.y += tall

    def sidebar(self, width: float) -> None:
        """A list of places or sections down the left side, one of them chosen."""
        desk, sheet, theme, type = self.desk, self.sheet, self.theme, self.theme.type
        sheet.box(0, self.y, width, sheet.height, fill=theme.panel)
        step = type.height * desk.uniform(1.25, 2.2)
        y, chosen = self.y + step * 0.5, desk.integer(12)
        for i in range(desk.integer(5, 30)):
            if y + step > sheet.height:
                break
            x = type.height * desk.pick([0.8, 0.8, 1.8])
            if i == chosen:
                sheet.box(0, y, width, y + step, fill=theme.accent)
            if desk.chance(0.4):
                graphics.logo(sheet, desk, x, y + step * 0.2, type.height * 0.7)
            x += type.height
            text = type.fit(self.entry(), width - x - type.height * 0.5)
            colour = WHITE if i == chosen else theme.ink
            sheet.text(x, self.middle(y, step, type), text, type, colour=colour, leading=step)
            y += step
        sheet.next_block()
        self.x = width

    def button(self, x: float, y: float, name: str, main: bool) -> float:
        """A button with its name; returns its width."""
        theme, edge = self.theme, self.theme.type.height
        wide = theme.type.length(name) + 2 * edge
        fill = theme.accent if main else theme.panel
        self.sheet.box(x, y, x + wide, y + edge * 1.8, fill=fill, outline=theme.line, radius=4)
        baseline = self.middle(y, edge * 1.8, theme.type)
        self.sheet.text(
            x + wide / 2, baseline, name, theme.type, align=0.5, colour=WHITE if main else theme.ink
        )
        return wide


def _shade(desk: Desk, level: float) -> Colour:
    return as_colour(level + desk.rng.normal(0, 4, 3))


def _theme(desk: Desk) -> Theme:
    dark = desk.chance(0.4)
    ground, sign = (desk.uniform(8, 50), 1) if dark else (desk.uniform(238, 255), -1)
    face, height = desk.body_face(serif=0.12), desk.text_height(9, 20)
    return Theme(
        ground=_shade(desk, ground),
        panel=_shade(desk, ground + sign * desk.uniform(6, 22)),
        line=_shade(desk, ground + sign * desk.uniform(25, 60)),
        ink=_shade(desk, desk.uniform(195, 255) if dark else desk.uniform(0, 70)),
        faint=_shade(desk, ground + sign * desk.uniform(90, 140)),
        accent=desk.colour(dark=1.0),
        type=type_at(face, height),
        bold=type_at(desk.sibling(face), height),
    )


def _window(screen: Screen) -> None:
    """Menus, a list at the side, a table of files, a dialogue over it."""
    desk, sheet = screen.desk, screen.sheet
    screen.bar(desk.integer(3, 9))
    if desk.chance(0.6):
        screen.bar(desk.integer(2, 8))
    screen.sidebar(sheet.width * desk.uniform(0.15, 0.3))
    dialogue = desk.chance(0.35)
    middle = (screen.y + sheet.height) / 2
    _files(screen, middle - sheet.height * 0.2 if dialogue else sheet.height)
    if dialogue:
        _dialogue(screen, middle)


def _files(screen: Screen, bottom: float) -> None:
    """Names, dates and sizes in columns."""
    desk, sheet, theme, type = screen.desk, screen.sheet, screen.theme, screen.theme.type
    shares = np.array([0, 0.45, 0.7, 1.0]) * (sheet.width - screen.x)
    step = type.height * desk.uniform(1.2, 1.9)
    y = screen.y + step * 0.3
    while y + step < bottom:
        for i, text in enumerate((desk.wording.address(), desk.wording.date(), f"{desk.integer(1, 999)} KB")):
            text = type.fit(text, shares[i + 1] - shares[i] - 2.5 * type.height)
            x, colour = screen.x + shares[i] + type.height, theme.ink if i == 0 else theme.faint
            sheet.text(x, screen.middle(y, step, type), text, type, colour=colour, leading=step)
        y += step
    sheet.next_block()


def _dialogue(screen: Screen, middle: float) -> None:
    desk, sheet, theme, edge = screen.desk, screen.sheet, screen.theme, screen.theme.type.height
    centre = (screen.x + sheet.width) / 2
    x0, x1 = centre - sheet.width * 0.24, centre + sheet.width * 0.24
    y0, y1 = middle - sheet.height * 0.2, middle + sheet.height * 0.2
    sheet.box(x0, y0, x1, y1, fill=theme.ground, outline=theme.line, radius=desk.pick([0, 8]))
    column = Column(sheet, x0 + edge, y0 + edge * 0.6, x1 - x0 - 2 * edge, y1 - edge * 2.6)
    column.paragraph(desk.wording.title(1, 4).split(), Style(theme.bold, 1.3), desk.rng)
    column.paragraph(desk.wording.paragraph(desk.integer(6, 30)), Style(theme.type, 1.3), desk.rng)
    wide = screen.button(x0 + edge, y1 - edge * 2.3, "OK", main=True)
    screen.button(x0 + wide + 2 * edge, y1 - edge * 2.3, "Cancel", main=False)


def _settings(screen: Screen) -> None:
    """Labels with fields and switches."""
    desk, sheet, theme, type = screen.desk, screen.sheet, screen.theme, screen.theme.type
    screen.bar(desk.integer(1, 6))
    if desk.chance(0.5):
        screen.sidebar(sheet.width * desk.uniform(0.15, 0.3))
    edge, x, y = type.height, screen.x + type.height * 1.5, screen.y + type.height
    while y + edge * 3 < sheet.height:
        baseline = y + edge * 0.4 + type.ascent
        label = type.fit(desk.wording.label(), (sheet.width - x) * 0.45)
        _, end = sheet.text(x, baseline, label, type)
        field = max(end + edge * 2, screen.x + (sheet.width - screen.x) * 0.4)
        if desk.chance(0.6):
            right, radius = sheet.width - edge * 2, desk.pick([0, 5])
            sheet.box(field, y, right, y + edge * 1.8, fill=theme.panel, outline=theme.line, radius=radius)
            text = type.fit(desk.wording.value(), right - field - edge * 2)
            sheet.text(
                field + edge * 0.6,
                baseline,
                text,
                type,
                colour=desk.pick([theme.ink, theme.ink, theme.faint]),
            )
        else:
            fill = desk.pick([theme.accent, theme.line])
            sheet.box(field, y + edge * 0.3, field + edge * 2.2, y + edge * 1.4, fill=fill, radius=edge * 0.5)
        y += edge * desk.uniform(2.1, 3)
        if desk.chance(0.3):
            sheet.next_block()


def _editor(screen: Screen) -> None:
    """Source code with line numbers, in the colours of its parts."""
    desk, sheet, theme = screen.desk, screen.sheet, screen.theme
    type = type_at(desk.mono_face(), theme.type.height)
    screen.bar(desk.integer(2, 7))
    if desk.chance(0.5):
        screen.sidebar(sheet.width * desk.uniform(0.12, 0.25))
    step, y = type.height * desk.uniform(1.1, 1.6), screen.y
    left = screen.x + type.length("0000") + 2.4 * type.height
    depth, number = 0, desk.integer(1, 500)
    colours = [theme.ink, theme.ink, theme.faint, screen.tinted(), screen.tinted()]
    while y + step < sheet.height:
        baseline = screen.middle(y, step, type)
        right = left - type.height * 1.8
        sheet.text(right, baseline, str(number), type, align=1, colour=theme.faint, leading=step)
        if desk.chance(0.85):
            depth = int(np.clip(depth + desk.integer(-1, 2), 0, 6))
            x = left + depth * 2 * type.length("n")
            text = type.fit(
                clean(desk.pick(CODE).format(*desk.wording.words(3))), sheet.width - x - type.height
            )
            sheet.text(x, baseline, text, type, colour=desk.pick(colours), leading=step)
        y, number = y + step, number + 1


def _terminal(screen: Screen) -> None:
    """A command line with its output."""
    desk, sheet, words = screen.desk, screen.sheet, screen.desk.wording
    type = type_at(desk.mono_face(), screen.theme.type.height)
    step = type.height * desk.uniform(1.05, 1.35)
    if desk.chance(0.5):
        screen.bar(2)
    while screen.y + step < sheet.height:
        roll, text = desk.roll(), ""
        if roll < 0.25:
            text = f"{desk.pick(PROMPTS)} {' '.join(words.words(1, 5))} --{words.words(1)[0]}"
        elif roll < 0.6:
            text = " ".join(words.words(2, 14))
        elif roll < 0.9:
            text = f"[{words.date()}] {desk.pick(LEVELS)}: {words.address()} {words.number()}"
        colour = screen.theme.ink if desk.chance(0.8) else screen.tinted()
        text = type.fit(clean(text), sheet.width - type.height)
        baseline = screen.middle(screen.y, step, type)
        sheet.text(type.height * 0.5, baseline, text, type, colour=colour, leading=step)
        screen.y += step


KINDS: tuple[Callable[[Screen], None], ...] = (_editor, _terminal, _window, _settings)


def draw(desk: Desk) -> Sheet:
    """One of: an editor, a terminal, a window of a program, a page of settings."""
    screen = Screen(desk)
    desk.pick(KINDS)(screen)
    return screen.sheet
