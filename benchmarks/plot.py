"""A line chart on logarithmic axes, as SVG: no more than growth curves need, and nothing to install."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

_COLOURS = ("#1f5fa8", "#c2410c", "#15803d", "#7e22ce", "#b91c1c", "#0f766e", "#a16207")
_WIDTH, _HEIGHT = 720, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 210, 40, 50

Points = Sequence[tuple[float, float]]


def chart(title: str, x: str, y: str, lines: Mapping[str, Points]) -> str:
    """An SVG document with one line for each name; all values above 0."""
    every = [point for points in lines.values() for point in points]
    x0, x1 = _decades([p[0] for p in every])
    y0, y1 = _decades([p[1] for p in every])

    def at(point: tuple[float, float]) -> tuple[float, float]:
        across = (math.log10(point[0]) - x0) / (x1 - x0)
        up = (math.log10(point[1]) - y0) / (y1 - y0)
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="22" font-size="15">{escape(title)}</text>',
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 10}" text-anchor="middle">{escape(x)}</text>',
        f'<text x="16" y="{(_TOP + _HEIGHT - _BOTTOM) / 2}" text-anchor="middle" '
        f'transform="rotate(-90 16 {(_TOP + _HEIGHT - _BOTTOM) / 2})">{escape(y)}</text>',
    ]
    for power in range(x0, x1 + 1):
        across, _ = at((10.0**power, 10.0**y0))
        out.append(f'<line x1="{across:.1f}" y1="{_TOP}" x2="{across:.1f}" y2="{_HEIGHT - _BOTTOM}" stroke="#dddddd"/>')
        out.append(f'<text x="{across:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{_said(power)}</text>')
    for power in range(y0, y1 + 1):
        _, up = at((10.0**x0, 10.0**power))
        out.append(f'<line x1="{_LEFT}" y1="{up:.1f}" x2="{_WIDTH - _RIGHT}" y2="{up:.1f}" stroke="#dddddd"/>')
        out.append(f'<text x="{_LEFT - 8}" y="{up + 4:.1f}" text-anchor="end">{_said(power)}</text>')
    for number, (name, points) in enumerate(lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [at(point) for point in sorted(points)]
        out.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in places)}"/>'
        )
        out += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in places]
        beside = _TOP + 14 + 20 * number
        out.append(f'<rect x="{_WIDTH - _RIGHT + 16}" y="{beside - 9}" width="12" height="10" fill="{colour}"/>')
        out.append(f'<text x="{_WIDTH - _RIGHT + 34}" y="{beside}">{escape(name)}</text>')
    return "\n".join((*out, "</svg>", ""))


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _said(power: int) -> str:
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"
