"""Names that a user gives, and the verdicts that they stand for."""

import difflib
import inspect
import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

import typer

from derivations._language import chapters
from derivations._language.verdicts import Verdict
from elbo_cli.terminal import BAD_INPUT, LONGEST, brief


class Named(Protocol):
    """A verdict, or what is known of one from its file."""

    @property
    def name(self) -> str: ...

    @property
    def module(self) -> str: ...


T = TypeVar("T", bound=Named)


def chosen(names: Sequence[str], known: Sequence[T], modules: Sequence[str] = ()) -> list[T]:
    """The verdicts with these names, or of the modules with these names; exit 2 with the closest names if unknown."""
    if not names:
        return list(known)
    offered = dict.fromkeys([v.name for v in known] + [v.module for v in known] + [*modules])
    if unknown := [n for n in names if n not in offered]:
        for name in unknown:
            close = difflib.get_close_matches(name[:LONGEST], offered, n=4, cutoff=0.4)
            hint = f"; close to it: {', '.join(close)}" if close else "; `elbo-ref claims` lists what there is"
            if theorems := _licence(name):
                hint = f"; the function of this name rests on {theorems}"
            typer.echo(f"There is no verdict or module called {brief(name)}{hint}.", err=True)
        raise typer.Exit(BAD_INPUT)
    return [v for v in known if v.name in names or v.module in names]


def _licence(name: str) -> str:
    """The theorems that a public function of this name says that it rests on."""
    import elbo_ref

    words = inspect.getdoc(getattr(elbo_ref, name, None)) or ""
    found = re.search(r"^Theorems?: ([a-z0-9_, ]+)\.$", words, re.MULTILINE)
    return found[1] if found and "none yet" not in found[1] else ""


def asked_for(name: str) -> list[Verdict]:
    """The verdict of this name, or those of the file; what it does not use is not run when the files say where it is."""
    module = chapters.named().get(name, (name, ""))[0]
    if module in chapters.homes():
        try:
            known = chapters.own(chapters.module(module))
        except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever its author has got wrong)
            _tell(module, error)
            raise typer.Exit(1) from None
    else:  # a citation, a remark, a name mistyped: only a book that was run knows
        known = readable()[0]
    wanted = chosen([name], known)
    return [v for v in wanted if v.name == name] or wanted  # a module may be called after its main theorem


def readable() -> tuple[list[Verdict], set[str]]:
    """The verdicts of all derivations that can be read; the names of the others, each with a line that says why."""
    known, broken = chapters.readable()
    for module, error in broken.items():
        _tell(module, error)
    return known, set(broken)


def _tell(module: str, error: BaseException) -> None:
    where = f"derivations/{chapters.homes()[module]}/{module}.py"
    typer.echo(f"{where} cannot be read: {type(error).__name__}: {error}", err=True)
