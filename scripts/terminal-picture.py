#!/usr/bin/env python3
"""What a terminal showed, as a picture: ANSI text on standard input, SVG on standard output. For the documents.

  script -qec 'COLUMNS=100 make demo' /dev/null | scripts/terminal-picture.py > docs/images/verify.svg
"""

import html
import re
import sys
import unicodedata

COLOURS = {30: "#6e7681", 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff", 36: "#76e3ea", 37: "#e6edf3",
           90: "#8b949e", 91: "#ffa198", 92: "#aff5b4", 93: "#f8e3a1", 94: "#a5d6ff", 95: "#e2c5ff", 96: "#b3f0ff", 97: "#ffffff"}
CELL, LINE, PAD, SIZE = 8.43, 19, 16, 14


def spans(line, style):
    """(text, style) pieces of one line; `style` is carried on."""
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b["):
            for code in (int(c or 0) for c in part[2:-1].split(";")):
                if code == 0:
                    style = {}
                elif code == 1:
                    style = style | {"bold": True}
                elif code == 2:
                    style = style | {"dim": True}
                elif code in (22,):
                    style = {k: v for k, v in style.items() if k not in ("bold", "dim")}
                elif code == 39:
                    style = {k: v for k, v in style.items() if k != "colour"}
                elif code in COLOURS:
                    style = style | {"colour": COLOURS[code]}
        elif part:
            yield part, style
    yield None, style


def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def main():
    text = sys.stdin.buffer.read().decode(errors="replace")
    text = re.sub(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)", "", text)
    text = re.sub(r"\x1b\[[0-9;?]*[A-HJKSTfhl]", "", text)
    lines = [line.split("\r")[-1] for line in text.replace("\r\n", "\n").rstrip("\n").split("\n")]
    rows, style, columns = [], {}, 0
    for number, line in enumerate(lines):
        at, pieces = 0, []
        for piece, style in spans(line, style):
            if piece is None:
                break
            css = "".join((f' fill="{style["colour"]}"' if "colour" in style else "",
                           ' font-weight="bold"' if "bold" in style else "", ' opacity="0.6"' if "dim" in style else ""))
            pieces.append(f'<tspan x="{PAD + at * CELL:.1f}"{css}>{html.escape(piece)}</tspan>')
            at += width(piece)
        columns = max(columns, at)
        rows.append(f'<text y="{PAD + SIZE + number * LINE}">{"".join(pieces)}</text>')
    w, h = int(2 * PAD + columns * CELL), 2 * PAD + len(lines) * LINE
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
          f'<rect width="{w}" height="{h}" rx="8" fill="#0d1117"/>'
          f'<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="{SIZE}" fill="#c9d1d9" xml:space="preserve">')
    print("\n".join(rows))
    print("</g></svg>")


if __name__ == "__main__":
    main()
