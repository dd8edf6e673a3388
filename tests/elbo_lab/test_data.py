"""Images: the digits of scikit-learn, and files as MNIST is published."""

import gzip

import numpy as np
import pytest

from elbo_lab.data import binary, load


def written(folder, name, array, axes=3, zipped=False):
    head = bytes((0, 0, 8, axes)) + np.array(array.shape, ">u4").tobytes()
    content = head + array.astype(np.uint8).tobytes()
    file = folder / (f"{name}.gz" if zipped else name)
    file.write_bytes(gzip.compress(content) if zipped else content)
    return file


def mnist(folder, train=5):
    rng = np.random.default_rng(0)
    for kind, count in (("train", train), ("t10k", 3)):
        written(folder, f"{kind}-images-idx3-ubyte", rng.integers(0, 256, (count, 4, 4)), zipped=kind == "train")
        written(folder, f"{kind}-labels-idx1-ubyte", rng.integers(0, 10, count), axes=1)


def test_the_digits_are_split_once_and_for_all():
    images = load("digits")
    assert images.train.shape == (1297, 64) and images.test.shape == (500, 64) and images.side == 8
    assert np.array_equal(images.test, load("digits").test)
    assert set(np.unique(binary(images.train))) == {0.0, 1.0} and images.train.max() == 1


def test_files_of_mnist_are_read_zipped_or_not(tmp_path):
    mnist(tmp_path)
    images = load("fashion", tmp_path)
    assert images.train.shape == (5, 16) and images.test.shape == (3, 16) and images.side == 4
    assert images.train.dtype == np.float32 and 0 <= images.train.min() <= images.train.max() <= 1


def test_a_file_that_is_missing_or_cut_short_is_named(tmp_path):
    with pytest.raises(ValueError, match="data must be one of digits, mnist, fashion"):
        load("cifar")
    with pytest.raises(ValueError, match="needs the folder"):
        load("mnist")
    mnist(tmp_path)
    labels = tmp_path / "t10k-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1])
    with pytest.raises(ValueError, match="t10k-labels-idx1-ubyte must be labels of MNIST's format"):
        load("mnist", tmp_path)
    labels.unlink()
    with pytest.raises(ValueError, match="put it there"):
        load("mnist", tmp_path)
