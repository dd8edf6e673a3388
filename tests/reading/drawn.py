"""Claims to read afresh against their documents: `python -m tests.reading.drawn 30`, the same ones for everybody.

Another seed after the number draws others.

A person reads the document's lines, the claim, its premises and the formal statement, and says whether they agree.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence

from derivations._reading.ledger import Row, rows

SEED = 13


def drawn(all_rows: Sequence[Row], count: int, seed: int = SEED) -> list[Row]:
    """So many claims of the ledger, drawn without looking."""
    return random.Random(seed).sample(list(all_rows), count)


def main() -> None:
    for row in drawn(rows(), *map(int, sys.argv[1:3])):
        print(f"{row['id']}  {row['source']}, lines {row['lines']}\n  says: {row['says']}\n  {row['verdict']}", end="")
        print(f", by {row['derivation']}" if row["derivation"] else f": {row['reason']}")
        for key in ("conditions", "statement", "given", "counterexample", "holds_at", "instead", "nearest"):
            if row[key]:
                print(f"  {key}: {row[key]}")
        print()


if __name__ == "__main__":
    main()
