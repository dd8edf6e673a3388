r"""Where a displayed formula may go on in a new line: before a relation, a plus or a minus, on the page and on a phone.

KaTeX breaks a line only outside of braces and of `\left ... \right`. So long brackets get a fixed size instead, and short
ones are kept together. How the formula reads is not changed, nor is what a reader copies.
"""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|.", re.DOTALL)
RELATIONS = {"=", "<", ">", r"\ge", r"\le", r"\ne"}
OPERATORS = RELATIONS | {"+", "-"}
CLOSE = {r"\mid", r"\in", r"\sim"}  # relations that hold together what is on both sides
OPENS, CLOSES = "([", ")]"
TAIL = re.compile(r" ((?:\\quad)?\\text\{)")  # words after a formula, such as "for every z"
SIZES = {True: ("big", "bigg"), False: ("big", "Big")}  # of brackets around what is low and what is tall
SIZED = {rf"\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r")}  # by the author
TALL = (r"\frac", r"\sum", r"\int", r"\prod")
UNSEEN = re.compile(r"\\(left|right|middle|mathcal|mathrm|mathbb|frac)\b|\\sy\{\d+\}")
LONG = 22  # letters in a bracket that may be broken: about what a phone has room for beside what stands before it
SHORT = 12  # letters in a formula between words that stays on one line
WIDE = 90  # letters in an equation that starts a new line at its sign


@dataclass(eq=False)
class _Bracket:
    """A pair of brackets and what is between them; `grows` if it was written with `\\left` and `\\right`."""

    opening: str
    grows: bool
    inner: list["str | _Bracket"] = field(default_factory=list)
    closing: str = ""


def breakable(tex: str, *, display: bool = True) -> str:
    """The same formula with places to break; as it is, if it has an environment or brackets that do not pair."""
    tex = TAIL.sub(r" \\allowbreak \1", tex)
    if r"\begin" in tex or not (parts := _parse(TOKEN.findall(tex))):
        return tex
    signs = [i for i, part in enumerate(parts) if part in RELATIONS]
    sizes = SIZES[display]
    if display and len(signs) == 1 and signs[0] > 1 and _letters(tex) > WIDE:
        before, after = parts[: signs[0]], parts[signs[0] :]
        return rf"{_set(before, sizes)}\newline {_set(after, sizes)}"
    return _set(parts, sizes, said=not display and _letters(tex) <= SHORT)


def _parse(tokens: list[str]) -> list[str | _Bracket]:
    """Tokens outside of braces one by one, a group in braces as one token, brackets as pairs; nothing if they do not pair."""
    top = _Bracket("", False)
    stack, i = [top], 0
    while i < len(tokens):
        token = tokens[i]
        i += 1
        if token == "{":
            start, depth = i - 1, 1
            while depth:
                depth += {"{": 1, "}": -1}.get(tokens[i], 0)
                i += 1
            stack[-1].inner.append("".join(tokens[start:i]))
        elif token == r"\left" or token in OPENS:
            grows = token == r"\left"
            stack.append(_Bracket(tokens[i] if grows else token, grows))
            i += grows
        elif token == r"\right" or token in CLOSES:
            grows = token == r"\right"
            done = stack.pop()
            if not stack or done.grows != grows:
                return []
            done.closing = tokens[i] if grows else token
            i += grows
            stack[-1].inner.append(done)
        else:
            stack[-1].inner.append(token)
    return top.inner if len(stack) == 1 else []


def _raw(parts: list[str | _Bracket]) -> str:
    return "".join(p if isinstance(p, str) else _whole(p) for p in parts)


def _whole(b: _Bracket) -> str:
    """The bracket as it was written."""
    return rf"\left{b.opening}{_raw(b.inner)}\right{b.closing}" if b.grows else f"{b.opening}{_raw(b.inner)}{b.closing}"


def _set(parts: list[str | _Bracket], sizes: tuple[str, str], size: str = "", *, said: bool = False) -> str:
    """What stands on one level, with a place to break before each sign that joins two things.

    No sign breaks the line from there on where words have been `said`: "for every n = 1" stays together.
    """
    out, before = [], ""
    i = 0
    while i < len(parts):
        part = parts[i]
        if isinstance(part, _Bracket):
            if _resized(part) and out and out[-1] in SIZED:
                out.pop()
            out.append(_bracket(part, sizes))
        elif part == r"\middle":
            i += 1
            while out and out[-1].strip() in ("", r"\,"):  # a relation brings its own space
                out.pop()
            out.append(rf"\allowbreak \{size}m{parts[i]}\nobreak ")
            while i + 1 < len(parts) and parts[i + 1] in (" ", r"\,"):
                i += 1
        elif part in CLOSE or (part in OPERATORS and (said or not before)):
            out.append(rf"{part}\nobreak ")
        elif part in OPERATORS and before not in OPERATORS:
            out.append(rf"\allowbreak {part}\nobreak ")
        elif part == ";" and size:
            out.append(r";\allowbreak ")
        else:
            out.append(part)
            said = said or part == r"\text"
        if not (isinstance(part, str) and part.isspace()):
            before = part if isinstance(part, str) else part.closing
        i += 1
    return "".join(out)


def _tall(b: _Bracket) -> bool:
    return any(word in _raw(b.inner) for word in TALL)


def _resized(b: _Bracket) -> bool:
    """Does it get another size than it was written with?"""
    return b.grows or _tall(b)


def _bracket(b: _Bracket, sizes: tuple[str, str]) -> str:
    """A long bracket gets a fixed size, so that it can be broken; a short one is kept in one piece."""
    raw = _raw(b.inner)
    size = sizes[_tall(b)]
    inside = b.inner[:-1] if _resized(b) and b.inner and b.inner[-1] in SIZED else b.inner
    if _letters(raw) > LONG:
        inner = _set(inside, sizes, size)
    elif b.grows:
        return _whole(b)
    else:
        inner = "".join(
            _bracket(p, sizes) if isinstance(p, _Bracket) else rf"{p}\nobreak " if p in OPERATORS | CLOSE else p
            for p in inside
        )
    if _resized(b):
        return rf"\{size}l{b.opening}{inner}\{size}r{b.closing}"
    return f"{b.opening}{inner}{b.closing}"


def _letters(tex: str) -> int:
    """How many letters and signs one sees, roughly."""
    return len(re.findall(r"\\[a-zA-Z]+|[^\\{}\s^_]", UNSEEN.sub("", tex)))
