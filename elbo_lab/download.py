"""The files of MNIST and of Fashion-MNIST from where they are published, each checked against its SHA-256."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import urlopen


class Source(NamedTuple):
    """An address that ends in a slash, and what each file below it hashes to."""

    address: str
    files: Mapping[str, str]


SOURCES = {
    "mnist": Source(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        {
            "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
    ),
    "fashion": Source(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        {
            "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
    ),
}
_PATIENCE = 30.0  # seconds without a byte
_MOST = 2**26  # bytes of a file: no published one is half as large


def cache(name: str) -> Path:
    """Where the files of a data set are kept."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "elbo-ref" / name


def missing(name: str, folder: Path) -> list[str]:
    """The files that are not in the folder, or are not what they should be."""
    return [file for file, digest in SOURCES[name].files.items() if _digest(folder / file) != digest]


def fetch(name: str, file: str, folder: Path) -> None:
    """Get one file, whole and as it was published, or leave the folder as it is."""
    source = SOURCES[name]
    address = source.address + file
    way_on = f"put the files of {name} into a folder yourself, and name it with --folder"
    try:
        with urlopen(address, timeout=_PATIENCE) as answer:
            content = answer.read(_MOST)
    except (OSError, HTTPException) as why:
        if isinstance(why, HTTPError):  # which is an open answer
            why.close()
        reason = why if isinstance(why, HTTPError) else getattr(why, "reason", why)
        raise ValueError(f"data: {address} could not be fetched ({reason}): {way_on}") from None
    if (got := hashlib.sha256(content).hexdigest()) != source.files[file]:
        raise ValueError(f"data: {address} must have the SHA-256 {source.files[file]}, got {got}: {way_on}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".new.") as aside:
            new = Path(aside) / file
            new.write_bytes(content)
            os.replace(new, folder / file)
    except OSError as why:
        raise ValueError(f"data: {folder / file} cannot be written ({why.strerror}): {way_on}") from None


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
