"""Images as pixels in [0, 1], split once and for all into those to train on and those held out."""

import gzip
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

Name = Literal["digits", "mnist", "fashion"]
HELD_OUT = 500  # of the digits; the other two come with a test set
KINDS = {"train": "train", "test": "t10k"}  # what the files of MNIST are called


class Images(NamedTuple):
    """Rows of grey levels and what they show."""

    name: str
    side: int
    train: NDArray[np.float32]
    test: NDArray[np.float32]
    train_labels: NDArray[np.int64]
    test_labels: NDArray[np.int64]


def load(name: str, folder: Path | None = None) -> Images:
    """The digits of scikit-learn, which are in its package; or MNIST or Fashion-MNIST from the files in a folder."""
    if name == "digits":
        return _digits()
    if name not in get_args(Name):
        raise ValueError(f"data must be one of {', '.join(get_args(Name))}, got {name!r}")
    if folder is None:
        raise ValueError(
            f"data {name!r} needs the folder of its four files (--folder), such as {_file('train', 'images')}"
        )
    parts = {kind: (_idx(folder, kind, "images"), _idx(folder, kind, "labels")) for kind in KINDS}
    (train, train_labels), (test, test_labels) = parts["train"], parts["test"]
    return Images(
        name, train.shape[1], _rows(train, 255), _rows(test, 255), _labels(train_labels), _labels(test_labels)
    )


def binary(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Black or white, at half the range."""
    return (pixels > 0.5).astype(np.float32)


def _digits() -> Images:
    from sklearn.datasets import load_digits

    found = load_digits()
    order = np.random.default_rng(0).permutation(len(found.target))
    pixels, labels = _rows(found.data[order], 16), _labels(found.target[order])
    return Images("digits", 8, pixels[HELD_OUT:], pixels[:HELD_OUT], labels[HELD_OUT:], labels[:HELD_OUT])


def _rows(levels: NDArray[Any], most: int) -> NDArray[np.float32]:
    return (levels.reshape(len(levels), -1) / most).astype(np.float32)


def _labels(values: NDArray[Any]) -> NDArray[np.int64]:
    return values.astype(np.int64)


def _file(kind: str, what: str) -> str:
    return f"{KINDS[kind]}-{what}-idx{3 if what == 'images' else 1}-ubyte"


def _idx(folder: Path, kind: str, what: str) -> NDArray[np.uint8]:
    """An array of bytes as MNIST is published: two zeros, the type, the number of axes, their sizes; zipped or not."""
    name = _file(kind, what)
    for file in (folder / name, folder / f"{name}.gz"):
        if file.is_file():
            break
    else:
        raise ValueError(f"data: {name} or {name}.gz must lie in {folder}: put it there")
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    axes = 3 if what == "images" else 1
    start = 4 + 4 * axes
    shape = tuple(np.frombuffer(content[4:start], ">u4")) if content[:4] == bytes((0, 0, 8, axes)) else None
    if shape is None or len(content) != start + int(np.prod(shape)):
        raise ValueError(f"data: {file} must be {what} of MNIST's format (idx), whole: get it again")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
