"""The pictures of what was measured, wide and narrow, as text of SVG from the numbers of a file of results."""

import math
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from elbo_lab.svg import Axes, Scale, pixels, short, text

WIDE, NARROW = 640.0, 312.0
Numbers = Mapping[str, Any]


def boxes(width: float, height: float) -> list[tuple[float, float, float, float]]:
    """Two boxes: beside each other where there is room, else one above the other."""
    if width >= 520:
        half = (width - 28) / 2
        return [(0, 0, half, height), (half + 28, 0, half, height)]
    half = (height - 14) / 2
    return [(0, 0, width, half), (0, half + 14, width, half)]


def manifold(numbers: Numbers, width: float, height: float) -> str:
    """Decoded codes, and where the encoder puts the images."""
    tiles = numbers["pictures"]["manifold"]
    (left, top, wide, high), second = boxes(width, height)
    side = min(wide - 12, high - 60) / len(tiles)
    parts = [text(left + 4, top + 12, "what codes decode to", cls="title")]
    for i, row in enumerate(tiles):
        for j, tile in enumerate(row):
            root = math.isqrt(len(tile))
            levels = [[_level(tile[k * root + m]) for m in range(root)] for k in range(root)]
            parts.append(pixels(left + 4 + j * side, top + 24 + i * side, side * 0.9, levels, 5))
    parts.append(text(left + 4, top + 40 + side * len(tiles), "z at the quantiles of the prior"))
    codes = numbers["pictures"]["codes"]
    most = math.ceil(sorted(max(abs(a), abs(b)) for a, b in codes)[int(0.99 * len(codes))])
    ticks = [most * k / 2 for k in (-2, -1, 0, 1, 2)]
    plane = Axes(second, Scale(-most, most), Scale(-most, most), title="means of q(z | x)", x_label="z₁", x_ticks=ticks,
                 y_ticks=ticks)  # fmt: skip
    inside = [(a, b) for a, b in codes if abs(a) <= most and abs(b) <= most]
    plane.dots(inside, "code")
    for r in (1, 2):
        plane.ellipse((0, 0), (r, r), "grey dot")
    return "".join(parts + plane.parts)


def _level(digit: str) -> int:
    """Six levels of ink are enough for the eye."""
    return round(int(digit, 16) / 3)


def posteriors(numbers: Numbers, width: float, height: float) -> str:
    """Four exact posteriors with the encoder's Gaussian and the best one."""
    drawn = numbers["amortization"]["posteriors"]
    across = 4 if width >= 520 else 2
    wide, high = width / across, height / (4 / across)
    parts = []
    for i, each in enumerate(drawn):
        box = ((i % across) * wide, (i // across) * high, wide - 10, high)
        (x, y), half = each["centre"], each["half"]
        share = f"{each['family'] + each['diagonal']:.2f} + {each['amortization']:.2f}"
        # the height is what makes the axes square
        axes = Axes(box, Scale(x - half, x + half), Scale(y - half, y + half), title=f"gap {each['gap']:.2f}",
                    y_label=share, x_label="", x_ticks=_two(x, half))  # fmt: skip
        for ends, look in zip(each["contours"], ("blue", "blue thin"), strict=True):
            axes.segments(ends, look)
        for law, look in zip(each["gaussians"], ("orange dashdot", "green dash"), strict=True):
            for r in (1.1774, 2.4477):  # half, and 95 % of the mass
                axes.ellipse(tuple(law["mean"]), tuple(r * s for s in law["std"]), look + (" thin" if r > 2 else ""))
        root = math.isqrt(len(each["pixels"]))
        image = [[int(p) for p in each["pixels"][k * root : (k + 1) * root]] for k in range(root)]
        parts += [*axes.parts, pixels(box[0] + box[2] - 34, box[1] + 2, 26, image, 1)]
    return "".join(parts)


def _two(centre: float, half: float) -> list[float]:
    step = 10.0 ** math.floor(math.log10(half))
    step = step if half / step < 4 else 2 * step
    return [k * step for k in range(math.ceil((centre - half) / step), math.floor((centre + half) / step) + 1)][::2]


def gaps(numbers: Numbers, width: float, height: float) -> str:
    """The gap of each image held out, and what it is made of."""
    first, second = boxes(width, height)
    quantiles = numbers["evidence"]["gap_quantiles"]
    low, high = 10 ** math.floor(math.log10(max(quantiles[0], 1e-3))), 10 ** math.ceil(math.log10(quantiles[-1]))
    axes = Axes(first, Scale(0, 100), Scale(low, high, log=True), title="the gap, image by image",
                y_label="log p(x) − ELBO, nats", x_label="% of the images held out", x_ticks=(0, 25, 50, 75, 100),
                y_ticks=_decades(low, high))  # fmt: skip
    axes.line(((i, max(q, low)) for i, q in enumerate(quantiles)), "blue thick")
    mean = numbers["evidence"]["gap"]["mean"]
    axes.line(((0, mean), (100, mean)), "orange dash")
    axes.note((0, mean), f"mean {mean:.2f}")
    each = numbers["amortization"]["each"]
    rows = sorted(zip(each["family"], each["diagonal"], each["amortization"], strict=True), key=sum)
    top = 1.15 * sum(rows[int(0.95 * len(rows))])
    bars = Axes(second, Scale(0, len(rows)), Scale(0, top), title="what it is made of", y_label="nats",
                x_label=f"{len(rows)} images, by gap", x_ticks=(0, len(rows)), y_ticks=_fifths(top))  # fmt: skip
    below = [0.0] * len(rows)
    for part, look in enumerate(("bar blue", "bar green", "bar orange")):
        above = [low + max(row[part], 0.0) for low, row in zip(below, rows, strict=True)]
        outline = [(i, min(a, top)) for i, a in enumerate(above)] + [
            (i, min(b, top)) for i, b in reversed(list(enumerate(below)))
        ]
        bars.area(outline, look)
        below = above
    return "".join(axes.parts + bars.parts)


def weights(numbers: Numbers, width: float, height: float) -> str:
    """Gaps of importance-weighted bounds over K, with the encoder's draws and with a share of the prior."""
    found = numbers["weights"]
    counts = found["counts"]
    low, high = 1e-5, 10.0
    parts = []
    sides = (
        ("encoder", "the encoder's own draws", "orange", False),
        ("defensive", "with a tenth from the prior", "blue", True),
    )
    for box, (name, title, look, line) in zip(boxes(width, height), sides, strict=True):
        axes = Axes(box, Scale(1, counts[-1], log=True), Scale(low, high, log=True), title=title, x_label="K",
                    y_label="log p(x) − E of the bound, nats", x_ticks=(1, 16, 256, 4096),
                    y_ticks=_decades(low, high))  # fmt: skip
        mean, median = (
            [(k, v) for k, v in zip(counts, found[name][of], strict=True) if v > low] for of in ("gap", "median")
        )
        axes.line(zip(counts, found["exact"], strict=True) if line else mean, look)
        axes.line(median, look + " thin")
        axes.marks(mean, "full", 3)
        axes.marks(median, "full", 2.2)
        if line:
            axes.line(((k, v) for k, v in zip(counts, found["theory"], strict=True) if low < v < high), "green dash")
        else:
            start = found[name]["gap"][0]
            axes.line(((k, start / k) for k in counts if start / k > low), "grey dot")
        parts += axes.parts
    return "".join(parts)


def beta(numbers: Numbers, width: float, height: float) -> str:
    """Rate and distortion for every weight, and what the rate is made of."""
    points = numbers["beta"]["points"]
    first, second = boxes(width, height)
    rates, distortions = ([p[name] for p in points] for name in ("rate", "distortion"))
    right, low, high = math.ceil(max(rates)) + 1, math.floor(min(distortions)) - 1, math.ceil(max(distortions)) + 1
    curve = Axes(first, Scale(0, right), Scale(low, high), title="rate and distortion", y_label="distortion, nats",
                 x_label="rate, nats", x_ticks=range(0, right + 1, 2), y_ticks=_fifths(high, low))  # fmt: skip
    curve.line(zip(rates, distortions, strict=True), "blue")
    curve.marks(zip(rates, distortions, strict=True), "full", 3)
    for p in points:
        if p["beta"] in (0.05, 0.5, 1, 2, 4, 6):
            curve.note((p["rate"], p["distortion"]), f"β = {short(p['beta'])}")
    betas = [p["beta"] for p in points]
    parts = Axes(second, Scale(betas[0], betas[-1], log=True), Scale(0, right), title="rate = information + marginal KL",
                 x_label="β", y_label="nats", x_ticks=(0.1, 1, 10), y_ticks=range(0, right + 1, 2))  # fmt: skip
    for name, look in (("rate", "blue"), ("mutual_information", "green dash"), ("marginal_kl", "orange dashdot")):
        parts.line(((p["beta"], p[name]) for p in points), look)
    return "".join(curve.parts + parts.parts)


def _decades(low: float, high: float) -> list[float]:
    return [10.0**k for k in range(round(math.log10(low)), round(math.log10(high)) + 1)]


def _fifths(high: float, low: float = 0.0) -> list[float]:
    step = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if (high - low) / s <= 7)
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


Draw = Callable[[Numbers, float, float], str]
PICTURES: dict[str, tuple[str, Draw, tuple[int, int]]] = {
    "manifold": ("The latent plane of a trained network", manifold, (330, 640)),
    "posteriors": ("Exact posteriors, the encoder's Gaussian and the best one", posteriors, (215, 400)),
    "gaps": ("The gap of the images held out", gaps, (290, 560)),
    "weights": ("Importance-weighted bounds climb towards log p(x)", weights, (290, 560)),
    "beta": ("Rate and distortion over the weight of the divergence", beta, (290, 560)),
}
"""Title, drawing, and the heights on a wide and on a narrow page."""

_ALONE = """svg{font:12px sans-serif;--ink:#1f2328;--paper:#fff;--blue:#0b63b0;--orange:#b35309;--green:#1a7f37;--grey:#6e7781}
@media(prefers-color-scheme:dark){svg{--ink:#e6edf3;--paper:#0d1117;--blue:#6cb6ff;--orange:#f0883e;--green:#56d364;--grey:#8b949e}}
.ground{fill:var(--paper)}text{fill:var(--ink)}.title{font-weight:600}.axis{stroke:var(--ink)}
.grid{stroke:var(--grey);stroke-opacity:.3}.line{fill:none;stroke-width:2;stroke:var(--tone)}.thin{stroke-width:1.1}
.thick{stroke-width:2.8}.dash{stroke-dasharray:7 4}.dot{stroke-dasharray:2 3.5}.dashdot{stroke-dasharray:9 3 2 3}
.bar{fill:var(--tone);fill-opacity:.55;stroke:var(--tone)}.blue{--tone:var(--blue)}.orange{--tone:var(--orange)}.green{--tone:var(--green)}
.grey{--tone:var(--grey)}.ink,.full{fill:var(--ink)}
.code{stroke:var(--ink);stroke-width:3;stroke-linecap:round;stroke-opacity:.45}"""


def standalone(numbers: Numbers) -> dict[str, str]:
    """Each wide picture as a file with a style of its own, for light and dark."""
    found = {}
    for name, (title, draw, (height, _)) in PICTURES.items():
        size = f'viewBox="-8 -8 {WIDE + 16:g} {height + 16}"'
        ground = f'<rect class="ground" x="-8" y="-8" width="{WIDE + 16:g}" height="{height + 16}"/>'
        inner = f"<title>{escape(title)}</title><style>{_ALONE}</style>{ground}{draw(numbers, WIDE, height)}"
        found[name] = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{inner}</svg>\n'
    return found
