"""Receipts: narrow paper, centred heads, items with their prices far to the right."""

from __future__ import annotations

from ocrcli.synth import vocabulary as vocab
from ocrcli.synth.layouts import graphics
from ocrcli.synth.layouts.canvas import Sheet
from ocrcli.synth.layouts.roll import Roll
from ocrcli.synth.layouts.studio import Desk
from ocrcli.synth.layouts.wording import clean

TITLES = ("TAX INVOICE", "RECEIPT", "INVOICE", "CASH SALES", "Official Receipt", "SIMPLIFIED TAX INVOICE")
THANKS = ("THANK YOU", "Thank you, please come again", "GOODS SOLD ARE NOT RETURNABLE", "***", "")
PEN = (20, 20, 90)  # blue-black ink


def draw(desk: Desk) -> Sheet:
    """A receipt on its own sheet."""
    width, height = desk.size(desk.uniform(1.2, 3.0))
    sheet = desk.paper(width, height, grey=0.6)
    if desk.chance(0.5):  # thermal print is grey, dot-matrix ribbons are violet
        level = desk.integer(20, 120)
        sheet.ink = (level, level, min(255, level + desk.integer(0, 40)))
    roll = Roll(desk, sheet)
    _head(roll)
    _facts(roll)
    _items(roll)
    _sums(roll)
    while roll.room() and roll.y < sheet.height * 0.8 and desk.chance(0.8):
        (_summary, _facts, _items, _sums, _foot)[desk.integer(5)](roll)
    _foot(roll)
    if desk.chance(0.12):
        _ticks(roll)
    return sheet


def _head(roll: Roll) -> None:
    desk, wording = roll.desk, roll.desk.wording
    if desk.chance(0.25):
        size = roll.type.height * desk.uniform(3, 6)
        graphics.logo(roll.sheet, desk, (roll.left + roll.right - size) / 2, roll.y, size)
        roll.y += size * 1.1
    roll.centred(wording.company(), roll.big)
    if desk.chance(0.5):
        roll.centred(f"({desk.integer(10000, 999999)}-{chr(65 + desk.integer(26))})")
    for line in wording.address_lines():
        roll.centred(line.upper() if desk.chance(0.6) else line)
    if desk.chance(0.5):
        roll.centred(f"GST ID : {desk.integer(10**11, 10**12)}")
    roll.blank(desk.uniform(0.2, 1))
    if desk.chance(0.6):
        roll.centred(desk.pick(TITLES), roll.bold)
        roll.blank(0.4)


def _facts(roll: Roll) -> None:
    desk, wording = roll.desk, roll.desk.wording
    if desk.chance(0.5):
        roll.rule()
    for _ in range(desk.integer(1, 6)):
        left = f"{_key(roll)}{desk.pick([': ', ' : ', ' ', ':'])}{wording.value()}"
        right = wording.date() if desk.chance(0.35) else ""
        if desk.chance(0.2):
            roll.row([f"{_key(roll)}", f": {wording.value()}"], [0, 0.25, 0.9])
        else:
            roll.pair(left, right)
    roll.sheet.next_block()


def _items(roll: Roll) -> None:
    desk, wording = roll.desk, roll.desk.wording
    roll.rule()
    manner = desk.integer(4)
    name = desk.pick(["Item", "Description", "DESCRIPTION", "ITEM", "Product"])
    edges = [0, 0.34, 0.5, 0.74, 1.0] if manner == 0 else [0, 0.3, 0.62, 1.0]
    if manner == 0:
        roll.row([name, "Qty", "Price", desk.pick(["Amt", "AMT"])], edges, desk.pick([roll.bold, roll.type]))
    elif manner == 1:
        roll.row([name, "Qty", "Amount"], edges)
    if desk.chance(0.6):
        roll.rule()
    for _ in range(desk.integer(1, 14)):
        price, count = wording.amount(signs=False), desk.integer(1, 12)
        if manner == 0:
            roll.row([wording.item(), str(count), price, wording.amount(signs=False)], edges)
        elif manner == 1:
            roll.pair(wording.item(), "")
            code = str(desk.integer(10**5, 10**8))
            roll.row([code, f"{count} x", f"{price} {desk.pick(['SR', 'S', 'ZR', ''])}"], edges)
        elif manner == 2:
            roll.pair(f"{count} {wording.item()}", f"{price}{desk.pick(['', '', ' S', ' T', '*'])}")
        else:
            roll.pair(wording.item(), "")
            roll.pair(f"{count} @ {price}", price, indent=roll.type.length("n") * 3)
    roll.rule()


def _sums(roll: Roll) -> None:
    desk, wording = roll.desk, roll.desk.wording
    right_labels = desk.chance(0.4)
    for i in range(desk.integer(2, 8)):
        type = roll.bold if desk.chance(0.2) else roll.big if i == 2 and desk.chance(0.2) else roll.type
        label = _key(roll) + desk.pick(["", ":", " :", " (RM):"])
        indent = max(0.0, roll.width * 0.66 - type.length(label)) if right_labels else 0.0
        roll.pair(label, wording.amount(), type, indent)
    roll.sheet.next_block()
    if desk.chance(0.4):
        roll.rule()


def _summary(roll: Roll) -> None:
    desk, wording = roll.desk, roll.desk.wording
    edges = [0, 0.3, 0.66, 1.0]
    roll.pair(desk.pick(["GST Summary", "GST SUMMARY", "Tax Summary", "VAT Analysis"]), "", roll.bold)
    roll.row(["Tax Code", "Amount", "Tax"], edges)
    for code in ("SR", "ZR"):
        rate = f"{code} @ {desk.integer(20)}%"
        roll.row([rate, wording.amount(signs=False), f"{desk.uniform(0, 99):.2f}"], edges)
    roll.blank(0.5)


def _foot(roll: Roll) -> None:
    desk, wording = roll.desk, roll.desk.wording
    roll.blank(desk.uniform(0.3, 1.5))
    for _ in range(desk.integer(1, 5)):
        roll.centred(desk.pick(THANKS) or " ".join(wording.sentence(3, 8)))
    if desk.chance(0.25) and roll.y + roll.type.height * 4 < roll.bottom:
        x, tall = roll.left + roll.width * 0.2, roll.type.height * 2.5
        graphics.barcode(roll.sheet, desk, x, roll.y, roll.width * 0.6, tall)
        roll.y += roll.type.height * 3
    roll.sheet.next_block()


def _ticks(roll: Roll) -> None:
    """Pen marks of somebody who checked the bill: over the text, but no text."""
    desk, sheet = roll.desk, roll.sheet

    def mark() -> None:
        for _ in range(desk.integer(1, 4)):
            x, y = desk.uniform(0.1, 0.9) * sheet.width, desk.uniform(0.1, 0.9) * sheet.height
            size, width = roll.type.height * desk.uniform(1, 3), max(1, round(roll.type.height / 9))
            if desk.chance(0.5):
                points = (x, y, x + size * 0.3, y + size * 0.4, x + size, y - size * 0.5)
                sheet.pen.line(points, sheet.tone(PEN), width)
            else:
                around = (x - size * 2, y - size * 0.7, x + size * 2, y + size * 0.7)
                sheet.pen.arc(around, 10, 350, sheet.tone(PEN), width)

    sheet.after.append(mark)


def _key(roll: Roll) -> str:
    text = clean(roll.desk.pick(vocab.RECEIPT))
    return text.upper() if roll.desk.chance(0.4) else text
