"""KaTeX's HTML without the spans that nothing looks at: half of a page of proofs, and half of what a browser lays out.

KaTeX names the kind of each atom, which tells it how to space them while it sets a formula. No style sheet and no script
asks for these names, and a span that has no other does nothing, unless it is counted as a child.
"""

import re

IDLE = frozenset(["mord", "mbin", "mop", "mopen", "mclose", "mpunct", "minner", "mtight", "nobreak", "allowbreak"])
SPAN = re.compile(r'<span(?: class="([^"]*)")?([^>]*)>|</span>')
COUNTED = "vlist"  # a style sheet says `.vlist > span > span`


AS_TYPED = re.compile(r"(<(pre|textarea)\b.*?</\2>)", re.DOTALL)
BETWEEN = re.compile(r">\n\s+<")


def unindented(page: str) -> str:
    """A page without the indentation of its template between tags, which a browser shows as the one space that is left."""
    parts = AS_TYPED.split(page)  # text, what is shown as typed, the name of its tag, text, ...
    parts[0::3] = (BETWEEN.sub(">\n<", part) for part in parts[0::3])
    del parts[2::3]
    return "".join(parts)


def lean(html: str) -> str:
    """The same boxes from fewer tags: idle names are left out, and so is a span that had no other."""
    closings, inside = [], [()]

    def tag(match: re.Match[str]) -> str:
        if match[0] == "</span>":
            inside.pop()
            return closings.pop()
        names, rest = tuple((match[1] or "").split()), match[2]
        kept = " ".join(name for name in names if name not in IDLE)
        needed = kept or rest or not names or any(COUNTED in outer for outer in inside[-2:])
        inside.append(names)
        closings.append("</span>" if needed else "")
        if not needed:
            return ""
        return f'<span class="{kept}"{rest}>' if kept else f"<span{rest}>"

    return SPAN.sub(tag, html)
