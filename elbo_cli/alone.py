"""Before `verify` imports anything: does a file lie where Python would run it in the place of a module that is needed?

Only modules are used here that Python has when it starts: any other might be the one that is replaced. What takes the place
of a module of Python's own start-up under `python -m`, such as runpy.py, comes before this; `elbo-ref` looks elsewhere.
"""

import os
import sys
from _frozen_importlib_external import PathFinder

OURS = {"derivations", "elbo_audit", "elbo_check", "elbo_cli", "elbo_lab", "elbo_ref"}
UNUSED = {"test", "tests"}  # nothing that runs here imports them


def replaced() -> list[str]:
    """The files that would be run: of the folder of the packages if it comes first, of the one where processes begin."""
    root = os.path.realpath(os.path.join(os.path.dirname(__file__), os.pardir))
    path = [os.path.realpath(place) for place in sys.path]
    python = os.path.dirname(os.path.realpath(os.__file__))
    folders = {root} if root in path and python in path and path.index(root) < path.index(python) else set()
    try:  # noqa: SIM105 (contextlib may be the module that is replaced)
        folders.add(os.path.realpath(os.getcwd()))
    except OSError:  # it is gone, and nothing in it can be found
        pass
    return sorted(os.path.join(folder, entry) for folder in folders for entry in _replacing(folder, root, path))


def _replacing(folder: str, root: str, path: list[str]) -> list[str]:
    elsewhere = [place for place in path if place != folder]

    def there(name: str, places: list[str]) -> bool:
        found = PathFinder.find_spec(name, places)
        return found is not None and found.loader is not None

    def taken(name: str) -> bool:
        """In the folder of the packages any other module: what is not installed now is looked up all the same."""
        return name not in OURS if folder == root else name in sys.stdlib_module_names or there(name, elsewhere)

    names = {entry: entry.partition(".")[0] for entry in os.listdir(folder)}
    return [e for e, name in names.items() if name and name not in UNUSED and taken(name) and there(name, [folder])]


def refuse_company() -> None:
    """End `verify`, with exit status 2, unless it is alone."""
    if found := replaced():
        way_on = "move it away, or run this in another folder"
        print(f"Python would run {found[0]} in the place of a module that is needed: {way_on}.", file=sys.stderr)
        sys.exit(2)
