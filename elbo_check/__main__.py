"""python -I -m elbo_check FILE [--theorem NAME] [--json]: exit status 0 only if everything was accepted."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

if not __package__:  # the folder itself was run: python -I elbo_check FILE
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from elbo_check.load import BYTES
from elbo_check.replay import Report, check
from elbo_check.terms import Refused


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="elbo_check", description="Replay a certificate of proofs.")
    parser.add_argument("file")
    parser.add_argument("--theorem", metavar="NAME", help="check one theorem and what it rests on")
    parser.add_argument("--json", action="store_true", help="the verdicts as JSON")
    told = parser.parse_args(argv)
    try:
        with Path(told.file).open("rb") as file:
            report = check(file.read(BYTES + 1), told.theorem)
    except (Refused, OSError, MemoryError, RecursionError) as why:
        line = " ".join(str(why).split())[:500] or type(why).__name__
        print(json.dumps({"accepted": False, "error": line}) if told.json else f"REFUSED: {line}")
        return 1
    print(as_json(report) if told.json else as_text(report))
    return 0 if report.accepted else 1


def as_text(r: Report) -> str:
    lines = []
    for v in r.verdicts:
        cites = f"; cites {', '.join(v.cites)}" if v.cites else ""
        text = f"REFUSED {v.name}: {v.why}" if v.why else f"proved {v.name} ({v.inferences} inferences{cites})"
        lines.append(" ".join(text.split()))
    proved = sum(not v.why for v in r.verdicts)
    cited = sorted({c for v in r.verdicts for c in v.cites})
    lines.append(
        f"{proved} of {len(r.verdicts)} theorems proved; {len(r.rules) - len(r.refused)} of {len(r.rules)} "
        f"inferences accepted; cited: {', '.join(cited) or 'nothing'}"
    )
    return "\n".join(lines)


def as_json(r: Report) -> str:
    theorems = [
        {"name": v.name, "proved": not v.why, "why": v.why, "inferences": v.inferences, "cites": v.cites}
        for v in r.verdicts
    ]
    refused = [{"inference": i, "why": why} for i, why in r.refused.items()]
    return json.dumps({"accepted": r.accepted, "theorems": theorems, "inferences": len(r.rules), "refused": refused})


if __name__ == "__main__":
    sys.exit(main())
