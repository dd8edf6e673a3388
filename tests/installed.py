"""Run by `tests.release` in an environment that holds the wheel with one of its extras, and nothing else."""

import importlib.util
import json
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import numpy as np

import elbo_ref

COMMAND = Path(sysconfig.get_path("scripts")) / ("elbo-ref.exe" if sys.platform == "win32" else "elbo-ref")
HERE = {
    "alone": set(),
    "default": {"sympy", "typer"},
    "numeric": {"sympy", "typer", "scipy", "flint"},
    "fast": {"sympy", "typer", "numba"},
    "torch": {"sympy", "typer", "torch"},
    "lab": {"sympy", "typer", "torch", "sklearn", "scipy", "flint"},
}
OPTIONAL = set().union(*HERE.values())


def elbo_ref_says(*words: str, status: int = 0) -> str:
    done = subprocess.run([COMMAND, *words], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def alone() -> None:
    """The README's call, right to the last digits."""
    assert Path(elbo_ref.__file__).is_relative_to(sys.prefix), f"{elbo_ref.__file__} is not what was installed"
    assert (Path(elbo_ref.__file__).parent / "py.typed").exists()
    assert elbo_ref.__version__ == version("elbo-ref")
    kl = elbo_ref.kl_standard_normal(np.array([[0.3, -1.2]]), np.array([[-0.5, 0.1]]))
    by_hand = (0.3**2 + 1.2**2 + np.exp(-0.5) - 1 + 0.5 + np.exp(0.1) - 1 - 0.1) / 2
    assert abs(kl[0] - by_hand) < 1e-15, kl
    assert elbo_ref.kl_normal(1.0, 2.0, 1.0, 2.0) == 0


def default() -> None:
    """The command: every subcommand, and a proof that is made, written and read again."""
    assert elbo_ref_says("--version") == f"elbo-ref {elbo_ref.__version__}\n"
    assert "verify" in elbo_ref_says("--help")
    assert "1 proved" in elbo_ref_says("verify", "gibbs_equality")
    assert "Proof" in elbo_ref_says("show", "gibbs_equality")
    assert len(json.loads(elbo_ref_says("claims", "--json"))) > 300
    assert "-1.455" in elbo_ref_says("exercise")
    elbo_ref_says("certify", "c.json", "--theorem", "gibbs_equality")
    check = [sys.executable, "-I", "-m", "elbo_check", "c.json"]
    assert "1 of 1" in subprocess.run(check, capture_output=True, encoding="utf-8", check=True).stdout
    if "flint" not in present:
        assert "elbo-ref[numeric]" in elbo_ref_says("show", "gaussian_kl", "--digits", "30", status=4)


def numeric() -> None:
    default()
    assert "+/-" in elbo_ref_says("show", "gaussian_kl", "--digits", "30")
    from elbo_ref import certified, quadrature

    assert certified.kl_gaussian(0, 1, 0, 1, digits=20).midpoint == 0
    assert quadrature.Density(lambda z: -z * z / 2, 0.0, 1.0)


def fast() -> None:
    """The loops of numba give what one reads without them."""
    default()
    rng = np.random.default_rng(0)
    mean, logvar = rng.normal(size=(2, 4096, 64)).astype(np.float32)
    wide = [x.astype(np.float64) for x in (mean, logvar)]
    assert np.allclose(elbo_ref.kl_standard_normal(mean, logvar), elbo_ref.kl_standard_normal(*wide), rtol=1e-6)


def torch() -> None:
    """Tensors in, tensors out, with a gradient."""
    default()
    import torch as t

    mean = t.tensor([[0.3, -1.2]], dtype=t.float64, requires_grad=True)
    kl = elbo_ref.kl_standard_normal(mean, t.tensor([[-0.5, 0.1]], dtype=t.float64))
    kl.sum().backward()
    assert mean.grad is not None and t.equal(mean.grad, mean.detach())
    from elbo_ref import distributed

    assert distributed.sharded_elbo_surgery


def lab() -> None:
    """A network is trained, and the committed results are drawn."""
    assert "nats an image" in elbo_ref_says("vae", "train", "--epochs", "1", "--out", "run")
    assert "5 pictures" in elbo_ref_says("vae", "figures", "--out", "drawn")


extra = sys.argv[1]
present = {name for name in OPTIONAL if importlib.util.find_spec(name)}
allowed = HERE[extra] | ({"sympy"} if extra in ("torch", "lab") else set())
assert present == allowed, f"here are {sorted(present)}, where {sorted(allowed)} were to be: this proves nothing"
alone()
if extra != "alone":
    {"default": default, "numeric": numeric, "fast": fast, "torch": torch, "lab": lab}[extra]()
print(f"elbo-ref {elbo_ref.__version__}, {extra}: {len(elbo_ref.__all__)} functions work as installed")
