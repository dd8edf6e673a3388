"""All verdicts together: what uses what, what was found out by the checks, and which claims are settled, and how."""

import difflib
import hashlib
import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import derivations
from derivations._checks.checks import state
from derivations._kernel import Thm
from derivations._language.chapters import homes, named, page
from derivations._language.verdicts import Counterexample, Remark, Theorem, Verdict
from derivations._reading.edition import UNPUBLISHED, Edition
from derivations._reading.standings import Standing, standing, together

Proof = Theorem | Counterexample
Claim = Mapping[str, Any]
Report = Mapping[str, Any]


FOLDERS = ("derivations", "elbo_check", "elbo_cli", "elbo_ref")
REMARKS = ("definition", "misprint", "remark")  # what has no proof of its own


class NoEvidence(Exception):
    """The checks have not been run on these sources, or not all of them passed."""


def fingerprint(root: Path) -> str:
    """A hash of everything that the checks run: pages made from an older run can be told by it."""
    digest = hashlib.sha256()
    for path in sorted(p for folder in FOLDERS for p in (root / folder).rglob("*")):
        if path.suffix in (".py", ".toml"):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def evidence(path: Path) -> Mapping[str, Any]:
    """What `elbo-ref verify --json` wrote; refused if the sources have changed since or a check failed."""
    if not path.exists():
        raise NoEvidence(f"{path.name} is missing: run `make {path.parent.name}/{path.name}`")
    result: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if result.get("sources") != fingerprint(path.parents[1]):
        raise NoEvidence(f"{path.name} is older than the sources: run `make {path.parent.name}/{path.name}`")
    if failed := result["totals"]["failed"]:
        raise NoEvidence(f"{path.name} says that {failed} verdicts failed: run `make verify` to see which")
    if not result.get("whole"):
        raise NoEvidence(f"{path.name} is about a part of the book: run `make {path.parent.name}/{path.name}`")
    return result


def conflicts(claims: Iterable[Claim], found: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """What cannot stand in one ledger, by the files; for each derivation its verdicts, as the checks found them."""
    known, said, proofs = {c["id"]: c for c in claims}, list[str](), named()
    premises = {words for c in known.values() for words in c.get("premises", ())}
    formulas: dict[str, tuple[str, str]] = {}
    by_name: dict[str, str] = {}
    settled: dict[str, tuple[str, str]] = {}
    for module, several in sorted(found.items()):
        for v in several:
            here = f"derivations/{homes()[module]}/{module}.py ({v['name']})"
            if other := by_name.get(v["name"]):
                said.append(f"{other} and {here} are two verdicts of one name")
            by_name[v["name"]] = here
            if (near := v["points_to"]) is None and v["kind"] in ("definition", "misprint"):
                said.append(f"{here} is a {v['kind']} and names no theorem as nearest")
            elif near is not None and v["kind"] in REMARKS and proofs.get(near, ("", ""))[1] != "theorem":
                said.append(f"{here} says that {near!r} is nearest, which is no theorem of the book")
            for words in premises & set(v["words"]):
                formula, there = formulas.setdefault(words, (v["words"][words], here))
                if formula != v["words"][words]:
                    said.append(
                        f"{there} and {here} give one premise, {words!r}, to {formula} and to {v['words'][words]}"
                    )
            for claim in v["claims"]:
                if v["misprint"] and not known.get(claim, {}).get("misprint"):
                    said.append(f"{here} calls {claim} a misprint, and claims.toml does not")
                if claim not in known:
                    close = ", ".join(difflib.get_close_matches(claim, known, n=1)) or "nothing"
                    said.append(f"{here} settles {claim!r}, which claims.toml does not have; close to it: {close}")
                elif (first := settled.get(claim)) and {first[1], v["kind"]} != {"theorem"}:
                    said.append(f"{first[0]} and {here} both settle {claim}: only theorems do that between them")
                settled[claim] = here, v["kind"]
    return said


@dataclass(frozen=True)
class Book:
    """The verdicts, the reports of the checks, and the claims of the documents."""

    verdicts: Sequence[Verdict]
    reports: Mapping[str, Report]
    documents: Mapping[str, Mapping[str, Any]]
    claims: Sequence[Claim]
    places: dict[str, dict[int, int]] = field(default_factory=dict)  # inferences of certificates, for pages to point at
    provisos: dict[str, list[str]] = field(default_factory=dict)  # in TeX, what the usual reading takes for granted
    not_assumed: dict[str, list[str]] = field(default_factory=dict)  # that laws are normalised, where nothing says so
    rules: dict[str, dict[str, str]] = field(default_factory=dict)  # of the checker, that accept a proof; their sources
    edition: Edition = UNPUBLISHED

    @cached_property
    def proofs(self) -> list[Proof]:
        return [v for v in self.verdicts if isinstance(v, Proof)]

    @cached_property
    def named(self) -> Mapping[str, Verdict]:
        return {v.name: v for v in self.verdicts}

    @cached_property
    def uses(self) -> Mapping[str, list[str]]:
        """For each proof, the theorems that it uses directly."""
        return {v.name: sorted(self._used_by_proof(v)) for v in self.proofs}

    @cached_property
    def used_by(self) -> Mapping[str, list[str]]:
        return {v.name: sorted(n for n, used in self.uses.items() if v.name in used) for v in self.proofs}

    @cached_property
    def chapters(self) -> Mapping[str, list[str]]:
        """The chapters as the book mentions them; each with its derivations, every one after those that it uses."""
        home = {v.module: homes()[v.module] for v in self.verdicts if not isinstance(v, Remark)}
        uses = {module: set[str]() for module in home}
        for v in self.proofs:
            uses[v.module] |= {self.named[u].module for u in self.uses[v.name]} - {v.module}
        found = {}
        for chapter in as_mentioned(set(home.values()), inspect.cleandoc(derivations.__doc__ or "")):
            own = as_mentioned({m for m in home if home[m] == chapter}, page(chapter))
            found[chapter] = after_what_they_use({m: sorted(uses[m] & set(own), key=own.index) for m in own})
        return found

    @cached_property
    def modules(self) -> list[str]:
        """The derivations in the order of reading."""
        return [module for several in self.chapters.values() for module in several]

    def status(self, verdict: Proof) -> str:
        """In one phrase what is known: only what the independent checker has accepted is called proved or refuted."""
        said = state(self.reports[verdict.name])
        return "refuted" if said == "proved" and isinstance(verdict, Counterexample) else said

    def of(self, module: str) -> list[Verdict]:
        """What has a place on the page of a module; remarks stand in the ledger."""
        return [v for v in self.verdicts if v.module == module and not isinstance(v, Remark)]

    @cached_property
    def settled(self) -> Mapping[str, list[tuple[Standing, Verdict]]]:
        """For each claim, the verdicts that settle it, and how; none for an open claim."""
        premises = {c["id"]: self.premises(c) for c in self.claims}
        found: dict[str, list[tuple[Standing, Verdict]]] = {c: [] for c in premises}
        for verdict in self.verdicts:
            unchecked = verdict.name in self.reports and self.status(verdict) not in ("proved", "refuted")
            for claim in verdict.claims:
                how = Standing("prover only") if unchecked else standing(claim, premises[claim], verdict)
                found[claim].append((how, verdict))
        return found

    def premises(self, claim: Claim) -> list[str]:
        """What the document states: for all of its claims, and for this one."""
        document = self.documents.get(document_of(claim), {})
        return [*document.get("premises", ()), *claim.get("premises", ())]

    def how(self, claim: Claim) -> Standing:
        """How a claim stands, by all the verdicts that settle it between them."""
        return together([how for how, _ in self.settled[claim["id"]]])

    def standing(self, claim: Claim) -> str:
        """The same in one word."""
        return self.how(claim).word

    def name_of(self, thm: Thm) -> str | None:
        """The name of the verdict that this theorem is, if it is one (perhaps with other words as its reason)."""
        return self._names.get(_identity(thm))

    @cached_property
    def _names(self) -> Mapping[Any, str]:
        return {_identity(v.thm): v.name for v in self.proofs}

    def _used_by_proof(self, verdict: Proof) -> set[str]:
        found, walk = set[str](), list(verdict.thm.parents)
        while walk:
            thm = walk.pop()
            if name := self.name_of(thm):
                found.add(name)
            else:
                walk += thm.parents
        return found


def as_mentioned(names: Iterable[str], text: str) -> list[str]:
    """Names in the order in which a text first says them as a word; those that it does not say last, by name."""
    said = re.findall(r"\w+", text)
    return sorted(names, key=lambda name: (said.index(name) if name in said else len(said), name))


def after_what_they_use(uses: Mapping[str, Sequence[str]]) -> list[str]:
    """In the given order, each preceded by what it uses."""
    ordered: list[str] = []

    def place(name: str, users: tuple[str, ...]) -> None:
        if name in users:
            raise ValueError(f"these lean on each other in a circle: {', '.join(users)}")
        if name not in ordered:
            for used in uses[name]:
                place(used, (*users, name))
            ordered.append(name)

    for name in uses:
        place(name, ())
    return ordered


def _identity(thm: Thm) -> tuple[Any, ...]:
    return thm.prop, thm.hyps, thm.rule, tuple(map(id, thm.parents))


def document_of(claim: Claim) -> str:
    """The key of the document that a claim is from."""
    return str(claim["id"]).partition("-")[0]
