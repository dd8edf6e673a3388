"""The KL of two univariate Gaussians in Python floats: a call on arrays takes a hundred times as long."""

from math import log

from elbo_ref._core.special import LOG1P

_C0, _C1, _C2, _C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10 = LOG1P


def kl_normal(mean_q: float, std_q: float, mean_p: float, std_p: float) -> float | None:
    """F(t) + d^2 / 2 as in `_gaussian`, or None where an argument is so large or small that squares leave the range."""
    if not (1e-70 < std_q < 1e70 and 1e-70 < std_p < 1e70 and -1e70 < mean_q < 1e70 and -1e70 < mean_p < 1e70):
        return None
    shift = mean_q - mean_p
    part = shift - mean_q
    rest = (mean_q - (shift - part)) - (mean_p + part)  # what rounding the shift has lost
    d = shift / std_p
    t = (std_q - std_p) / std_p
    if -0.5 < t < 1.0:
        s = t / (2.0 + t)
        z = s * s
        tail = _C4 + z * (_C5 + z * (_C6 + z * (_C7 + z * (_C8 + z * (_C9 + z * _C10)))))
        tail = z * (_C0 + z * (_C1 + z * (_C2 + z * (_C3 + z * tail))))
        square = t * t
        spread = square - s * (0.5 * square + tail)
    else:
        ratio = std_q / std_p
        spread = (0.5 * ratio * ratio - 0.5) - log(ratio)
    return spread + (0.5 * d * d + d * (rest / std_p))
