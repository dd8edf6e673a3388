"""Divergences and entropies by other libraries, each called as its documentation says, on columns of floats that the dtype holds.

A library that is not installed is absent, and the table says so. NumPyro and TFP on JAX want an environment of their
own:

    python -m venv peers; peers/bin/pip install '.[numeric,torch]' jax numpyro tfp-nightly
"""

import importlib
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

TORCH, TFP, NUMPYRO, SCIPY, TEXTBOOK = NAMES = ("torch.distributions", "TFP (JAX)", "NumPyro", "SciPy", "textbook")
_MODULES = {
    TORCH: "torch",
    TFP: "tensorflow_probability.substrates.jax.distributions",
    NUMPYRO: "numpyro.distributions",
    SCIPY: "scipy.stats",
    TEXTBOOK: "numpy",
}

Law = Callable[..., Any]  # parameters -> a distribution


class Peer(Protocol):
    """Values, and gradients in every argument one after another, as float64: the KL of two laws, the entropy of one."""

    def values(self, dtype: str, *columns: np.ndarray) -> np.ndarray: ...
    def gradients(self, dtype: str, *columns: np.ndarray) -> np.ndarray: ...


def present(name: str) -> bool:
    try:
        importlib.import_module(_MODULES[name])
    except (ImportError, AttributeError):  # AttributeError: a TFP older than its JAX
        return False
    return True


def of(divergence: str) -> dict[str, Peer]:
    """The peers that have this divergence, installed or not."""
    return _PEERS.get(divergence, {})


class _Torch:
    def __init__(self, law: Callable[[Any], Law], prepare: Callable[..., Any] = lambda *arrays: arrays):
        self.law, self.prepare = law, prepare

    def _kl(self, arrays: list[Any]) -> Any:
        from torch import distributions

        arrays, half = self.prepare(*arrays), len(self.prepare(*arrays)) // 2
        law = self.law(distributions)
        return distributions.kl_divergence(law(*arrays[:half]), law(*arrays[half:])) if half else law(*arrays).entropy()

    def values(self, dtype: str, *columns: np.ndarray) -> np.ndarray:
        import torch

        return self._kl([torch.tensor(x).to(getattr(torch, dtype)) for x in columns]).double().numpy()

    def gradients(self, dtype: str, *columns: np.ndarray) -> np.ndarray:
        import torch

        arrays = [torch.tensor(x).to(getattr(torch, dtype)).requires_grad_() for x in columns]
        found = torch.autograd.grad(self._kl(arrays).sum(), arrays)
        return np.stack([x.double().numpy() for x in found], axis=-1)


class _Jax:
    def __init__(
        self,
        name: str,
        law: Callable[[Any], Law],
        prepare: Callable[..., Any] = lambda *arrays: arrays,
        crossed: bool = False,
    ):
        self.name, self.law, self.prepare, self.crossed = name, law, prepare, crossed

    def _kl(self, *arrays: Any) -> Any:
        module = importlib.import_module(_MODULES[self.name])
        arrays, half = self.prepare(*arrays), len(self.prepare(*arrays)) // 2
        law = self.law(module)
        if not half:
            return law(*arrays).entropy()
        q, p = law(*arrays[:half]), law(*arrays[half:])
        if self.crossed:
            return q.cross_entropy(p)
        return module.kl_divergence(q, p) if self.name == NUMPYRO else q.kl_divergence(p)

    def _arrays(self, dtype: str, columns: tuple[np.ndarray, ...]) -> list[Any]:
        import jax

        jax.config.update("jax_enable_x64", True)
        return [jax.numpy.asarray(x).astype(dtype) for x in columns]

    def values(self, dtype: str, *columns: np.ndarray) -> np.ndarray:
        return np.asarray(self._kl(*self._arrays(dtype, columns)).astype("float64"))

    def gradients(self, dtype: str, *columns: np.ndarray) -> np.ndarray:
        arrays = self._arrays(dtype, columns)
        import jax

        found = jax.grad(lambda *x: self._kl(*x).sum(), argnums=tuple(range(len(arrays))))(*arrays)
        return np.stack([np.asarray(x.astype("float64")) for x in found], axis=-1)


class _Formula:
    """A formula in NumPy, without gradients."""

    def __init__(self, formula: Callable[..., np.ndarray]):
        self.formula = formula

    def values(self, dtype: str, *columns: np.ndarray) -> np.ndarray:
        return np.asarray(self.formula(*(x.astype(dtype) for x in columns))).astype(np.float64)

    def gradients(self, dtype: str, *columns: np.ndarray) -> np.ndarray:
        raise NotImplementedError


class _Summed:
    def __init__(self, peer: Peer):
        self.peer = peer

    def values(self, dtype: str, *columns: np.ndarray) -> np.ndarray:
        return self.peer.values(dtype, *columns).sum(-1)

    def gradients(self, dtype: str, *columns: np.ndarray) -> np.ndarray:
        raise NotImplementedError


def _to_standard(mean: Any, logvar: Any) -> tuple[Any, Any, Any, Any]:
    module = importlib.import_module("torch" if type(mean).__module__.startswith("torch") else "jax.numpy")
    return mean, module.exp(logvar / 2), module.zeros_like(mean), module.ones_like(mean)


def _scipy_entropy(*arrays: np.ndarray) -> np.ndarray:
    import scipy.stats

    return np.asarray(scipy.stats.entropy(*arrays, axis=-1))


def _scipy_outcomes(q: np.ndarray, p: np.ndarray) -> np.ndarray:
    return _scipy_entropy(*(np.stack([x, 1 - x], axis=-1) for x in (q, p)))


def _scipy_jensen_shannon(q: np.ndarray, p: np.ndarray) -> np.ndarray:
    from scipy.spatial.distance import jensenshannon

    return np.asarray(jensenshannon(q, p, axis=-1)) ** 2  # SciPy gives the distance, the root of the divergence


def _flat(joint: np.ndarray) -> np.ndarray:
    return joint.reshape(*joint.shape[:-2], -1)


def _scipy_information(joint: np.ndarray) -> np.ndarray:
    margins = joint.sum(-1, keepdims=True) * joint.sum(-2, keepdims=True)
    return _scipy_entropy(_flat(joint), _flat(margins))


def _information_by_entropies(joint: np.ndarray) -> np.ndarray:
    return _surprise(joint.sum(-1)) + _surprise(joint.sum(-2)) - _surprise(_flat(joint))


def _surprise(p: np.ndarray) -> np.ndarray:
    return -np.sum(p * np.log(p), axis=-1)


_NORMAL: dict[str, Peer] = {
    TORCH: _Torch(lambda d: lambda m, s: d.Normal(m, s, validate_args=False)),
    TFP: _Jax(TFP, lambda d: d.Normal),
    NUMPYRO: _Jax(NUMPYRO, lambda d: d.Normal),
    TEXTBOOK: _Formula(lambda m, s, n, t: np.log(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - 0.5),
}
_PEERS: dict[str, dict[str, Peer]] = {
    "kl_normal": _NORMAL,
    "kl_diag_normal": {name: _Summed(peer) for name, peer in _NORMAL.items()},
    "kl_standard_normal": {
        TORCH: _Torch(lambda d: lambda m, s: d.Normal(m, s, validate_args=False), _to_standard),
        TFP: _Jax(TFP, lambda d: d.Normal, _to_standard),
        NUMPYRO: _Jax(NUMPYRO, lambda d: d.Normal, _to_standard),
        TEXTBOOK: _Formula(lambda m, v: -0.5 * (1 + v - m**2 - np.exp(v))),
    },
    "kl_mvn_tril": {
        TORCH: _Torch(lambda d: lambda m, c: d.MultivariateNormal(m, scale_tril=c, validate_args=False)),
        TFP: _Jax(TFP, lambda d: lambda m, c: d.MultivariateNormalTriL(loc=m, scale_tril=c)),
        NUMPYRO: _Jax(NUMPYRO, lambda d: lambda m, c: d.MultivariateNormal(m, scale_tril=c)),
    },
    "kl_mvn": {
        TORCH: _Torch(lambda d: lambda m, c: d.MultivariateNormal(m, covariance_matrix=c, validate_args=False)),
        TFP: _Jax(TFP, lambda d: lambda m, c: d.MultivariateNormalFullCovariance(loc=m, covariance_matrix=c)),
        NUMPYRO: _Jax(NUMPYRO, lambda d: lambda m, c: d.MultivariateNormal(m, covariance_matrix=c)),
    },
    "kl_bernoulli": {
        TORCH: _Torch(lambda d: lambda p: d.Bernoulli(p, validate_args=False)),
        TFP: _Jax(TFP, lambda d: lambda p: d.Bernoulli(probs=p)),
        SCIPY: _Formula(_scipy_outcomes),
    },
    "kl_bernoulli_logits": {
        TORCH: _Torch(lambda d: lambda a: d.Bernoulli(logits=a, validate_args=False)),
        TFP: _Jax(TFP, lambda d: lambda a: d.Bernoulli(logits=a)),
    },
    "kl_categorical": {
        TORCH: _Torch(lambda d: lambda p: d.Categorical(p, validate_args=False)),
        TFP: _Jax(TFP, lambda d: lambda p: d.Categorical(probs=p)),
        NUMPYRO: _Jax(NUMPYRO, lambda d: d.CategoricalProbs),
        SCIPY: _Formula(_scipy_entropy),
    },
    "kl_categorical_logits": {
        TORCH: _Torch(lambda d: lambda a: d.Categorical(logits=a, validate_args=False)),
        TFP: _Jax(TFP, lambda d: lambda a: d.Categorical(logits=a)),
    },
    "entropy": {
        TORCH: _Torch(lambda d: lambda p: d.Categorical(p, validate_args=False)),
        TFP: _Jax(TFP, lambda d: lambda p: d.Categorical(probs=p)),
        NUMPYRO: _Jax(NUMPYRO, lambda d: d.CategoricalProbs),
        SCIPY: _Formula(_scipy_entropy),
        TEXTBOOK: _Formula(_surprise),
    },
    "cross_entropy": {
        TFP: _Jax(TFP, lambda d: lambda p: d.Categorical(probs=p), crossed=True),
        TEXTBOOK: _Formula(lambda q, p: -np.sum(q * np.log(p), axis=-1)),
    },
    "jensen_shannon": {SCIPY: _Formula(_scipy_jensen_shannon)},
    "mutual_information": {SCIPY: _Formula(_scipy_information), TEXTBOOK: _Formula(_information_by_entropies)},
    "conditional_entropy": {TEXTBOOK: _Formula(lambda joint: _surprise(_flat(joint)) - _surprise(joint.sum(-1)))},
}
