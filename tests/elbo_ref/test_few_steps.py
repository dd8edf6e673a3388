"""The common call of torch where no loop is there, beside the same functions in float64, which are exact to 4 ulp."""

import math

import pytest

torch = pytest.importorskip("torch")

import elbo_ref
from elbo_ref._core import by_loops
from elbo_ref._core.formula import Formula

FUNCTIONS = {
    "kl_standard_normal": elbo_ref.kl_standard_normal,
    "log_normal_diag": elbo_ref.log_normal_diag,
    "kl_categorical_logits": elbo_ref.kl_categorical_logits,
    "kl_diag_normal": elbo_ref.kl_diag_normal,
    "bernoulli_log_likelihood_logits": elbo_ref.bernoulli_log_likelihood_logits,
    "reparameterize": elbo_ref.reparameterize,
    "reparameterize_logvar": lambda mean, logvar, noise: elbo_ref.reparameterize(mean, logvar=logvar, noise=noise),
    "iwae_bound": elbo_ref.iwae_bound,
}
SPREADS = (1e-12, 1e-6, 1e-3, 0.1, 1.0, 15.0)


def arguments(name: str, spread: float) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(20261130)

    def numbers() -> torch.Tensor:
        return torch.randn(16, 20, generator=generator) * spread

    def stds() -> torch.Tensor:
        return torch.exp(numbers().clip(-30, 30))

    if name == "kl_standard_normal":
        return [numbers(), numbers()]
    if name == "log_normal_diag":
        return [numbers(), numbers(), stds()]
    if name == "kl_categorical_logits":
        logits = torch.randn(16, 20, generator=generator)
        return [logits, logits + numbers()]
    if name == "kl_diag_normal":
        return [numbers(), stds(), numbers(), stds()]
    if name == "bernoulli_log_likelihood_logits":
        return [torch.bernoulli(torch.full((16, 20), 0.3), generator=generator), numbers()]
    if name == "reparameterize":
        return [numbers(), stds(), numbers()]
    return [numbers() for _ in range({"reparameterize_logvar": 3, "iwae_bound": 1}[name])]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each formula took this way, without loops."""
    monkeypatch.setattr(by_loops._Loops, "loaded", False)
    found: list[bool] = []
    original = Formula._in_few_steps

    def noted(self: Formula, *given: object) -> object:
        value = original(self, *given)
        found.append(value is not None)
        return value

    monkeypatch.setattr(Formula, "_in_few_steps", noted)
    return found


def off(got: torch.Tensor, want: torch.Tensor) -> float:
    """The largest distance in units of the last place of float32."""
    assert got.dtype == torch.float32
    assert want.dtype == torch.float64
    rounded = want.float().abs()
    unit = torch.nextafter(rounded, torch.tensor(math.inf)).double() - rounded.double()
    beyond = rounded.isinf() & (got == want.float())
    return float(torch.where(beyond, 0.0, (got.double() - want).abs() / unit).max())


def asked(arrays: list[torch.Tensor]) -> list[torch.Tensor]:
    return [x.clone().requires_grad_() for x in arrays]


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients(name: str, spread: float, taken: list[bool]) -> None:
    narrow = arguments(name, spread)
    wide = [x.double() for x in narrow]
    want = FUNCTIONS[name](*wide)
    got = FUNCTIONS[name](*narrow)
    assert off(got, want) <= 0.51
    assert name == "reparameterize" or taken[-1] or spread < 1e-3, "elsewhere it is the same as before"

    leaves, references = asked(narrow), asked(wide)
    trained = slice(1, None) if name == "bernoulli_log_likelihood_logits" else slice(None)
    value = FUNCTIONS[name](*leaves)
    assert torch.equal(value, got)
    g = torch.linspace(-2, 3, value.numel()).reshape(value.shape)
    by = torch.autograd.grad(value, leaves[trained], g)
    reference = torch.autograd.grad(FUNCTIONS[name](*references), references[trained], g.double())
    # By a logvar a sample is torch's product of three float32 numbers, and its exponential.
    bound = 4 if name == "reparameterize_logvar" else 1 if name == "reparameterize" else 0.51
    for a, b in zip(by, reference, strict=True):
        assert off(a, b) <= bound


def test_a_small_divergence_goes_another_way(taken: list[bool]) -> None:
    """Where the roundings of the fewest steps would be seen: just above and below the least that they are trusted with."""
    for exponent in range(-30, -8):
        logvar = torch.full((1, 20), 1.3 * 2.0**exponent)
        mean = torch.zeros_like(logvar)
        want = elbo_ref.kl_standard_normal(mean.double(), logvar.double())
        got = elbo_ref.kl_standard_normal(mean, logvar)
        assert off(got, want) <= 0.51
        assert taken[-1] == (got.item() >= 20 * 2.0**-40)
    assert set(taken) == {True, False}


@pytest.mark.parametrize("name", ["kl_standard_normal", "log_normal_diag", "kl_categorical_logits", "iwae_bound"])
def test_derivatives_of_the_second_order(name: str, taken: list[bool]) -> None:
    arrays = [x[:2, :3].contiguous() for x in arguments(name, 1.0)]
    loss = lambda *a: FUNCTIONS[name](*a).square().sum()
    got = torch.autograd.functional.hessian(loss, tuple(arrays))
    want = torch.autograd.functional.hessian(loss, tuple(x.double() for x in arrays))
    for row, reference in zip(got, want, strict=True):
        for a, b in zip(row, reference, strict=True):
            torch.testing.assert_close(a.double(), b, rtol=32 * 2.0**-24, atol=32 * 2.0**-24)
    assert any(taken)


def test_the_gradients_of_several_weights_at_once(taken: list[bool]) -> None:
    leaves = asked(arguments("kl_standard_normal", 1.0))
    value = elbo_ref.kl_standard_normal(*leaves)
    weights = torch.stack([torch.ones(16), torch.linspace(-1, 1, 16)])
    together = torch.autograd.grad(value, leaves, weights, is_grads_batched=True, retain_graph=True)
    for i in range(2):
        for a, b in zip(torch.autograd.grad(value, leaves, weights[i], retain_graph=True), together, strict=True):
            torch.testing.assert_close(a, b[i], rtol=2.0**-23, atol=0)
    assert taken == [True]


def test_halves_of_an_output(taken: list[bool]) -> None:
    mean, logvar = torch.randn(16, 40, generator=torch.Generator().manual_seed(1)).chunk(2, -1)
    assert not mean.is_contiguous()
    got = elbo_ref.kl_standard_normal(mean, logvar)
    assert torch.equal(got, elbo_ref.kl_standard_normal(mean.contiguous(), logvar.contiguous()))
    assert taken == [True, True]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"iwae_bound"}))
def test_bad_numbers_are_refused(name: str, bad: float, taken: list[bool]) -> None:
    """Negative infinity is a logit of a class that cannot be."""
    for i, x in enumerate(arguments(name, 1.0)):
        given = arguments(name, 1.0)
        given[i] = x.index_fill(1, torch.tensor([3]), bad)
        if name == "kl_categorical_logits" and bad == -math.inf:
            assert not FUNCTIONS[name](*given).isnan().any()
            continue
        with pytest.raises(ValueError, match="must be"):
            FUNCTIONS[name](*given)


def test_no_std_is_negative(taken: list[bool]) -> None:
    mean, std, noise = arguments("reparameterize", 1.0)
    std[3, 4] = -1.0
    with pytest.raises(ValueError, match=r"std must be finite and > 0, got -1.0 at index \(3, 4\)"):
        elbo_ref.reparameterize(mean, std, noise)
    for wrong in ({"std_q": std}, {"std_p": std}, {"std_q": std, "std_p": std}):
        fine = {"std_q": std.abs(), "std_p": std.abs()}
        with pytest.raises(ValueError, match=r"must be finite and > 0, got -1.0"):
            elbo_ref.kl_diag_normal(mean, mean_p=mean, **{**fine, **wrong})


def test_an_empty_batch(taken: list[bool]) -> None:
    none = torch.zeros(0, 3, requires_grad=True)
    for z in (
        elbo_ref.reparameterize(none, torch.ones(0, 3), none),
        elbo_ref.reparameterize(none, logvar=none, noise=none),
        elbo_ref.reparameterize(torch.zeros(1, 3), torch.ones(0, 3), torch.zeros(1, 3)),
    ):
        assert z.shape == (0, 3)
    assert elbo_ref.kl_standard_normal(none, none).shape == (0,)


def test_unchecked(taken: list[bool]) -> None:
    with elbo_ref.unchecked():
        mean, logvar = arguments("kl_standard_normal", 1.0)
        mean[0] = math.nan
        assert elbo_ref.kl_standard_normal(mean, logvar).isnan().tolist() == [True] + 15 * [False]
    assert taken == [False]
