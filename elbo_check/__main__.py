"""python -I -m elbo_check FILE [--theorem NAME] [--meaning] [--json]: exit status 0 only if everything was accepted."""

import sys

if (
    not __package__
):  # the folder itself was run, python -I elbo_check FILE: Python's own modules go before what lies here
    sys.path.append(sys.path.pop(0) + "/..")

import argparse
import json
from pathlib import Path

from elbo_check import meaning
from elbo_check.load import BYTES, load
from elbo_check.replay import Report, check, deep, replay
from elbo_check.terms import Refused, need


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="elbo_check", description="Replay a certificate of proofs.")
    parser.add_argument("file")
    parser.add_argument("--theorem", metavar="NAME", help="check one theorem and what it rests on")
    parser.add_argument("--meaning", action="store_true", help="what each statement asks for its usual meaning")
    parser.add_argument("--json", action="store_true", help="the verdicts as JSON")
    told = parser.parse_args(argv)
    try:
        with Path(told.file).open("rb") as file:
            data = file.read(BYTES + 1)
        if told.meaning:
            cert = deep(lambda: load(data))
            report = deep(lambda: replay(cert))
            found = meaning.obligations(cert, report)
            if told.theorem is not None:
                need(told.theorem in found, "no accepted theorem is called {}", told.theorem)
                found = {told.theorem: found[told.theorem]}
            print(json.dumps(meaning.as_json(found)) if told.json else meaning.as_text(found))
            return 0 if report.accepted else 1
        report = check(data, told.theorem)
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
