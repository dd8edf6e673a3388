r"""# The moments of a Gaussian

Three integrals carry every Gaussian formula in this book: the mass, the mean and the variance. The mass is Gauss's
integral. The other two need no integration at all: the derivative of the density is $-(z - \mu)/\sigma^2$ times the
density, so $-\sigma^2\,\mathcal N$ and $-\sigma^2 (z - \mu)\,\mathcal N$ are antiderivatives that vanish at both ends.

Around any other centre $c$ the second moment is $\sigma^2 + (\mu - c)^2$: spread plus squared distance. Forgetting the
first part is the most common way to lose a term in an ELBO.

Keywords: mean and variance of a Gaussian, Gaussian integral, second moment, normalising constant.
"""

from derivations import *

mean, var, centre = Symbol("mean", real=True), Symbol("var", positive=True), Symbol("c", real=True)
q = Normal(z, mean, var)


@theorem(same(total(q, line), 1), "The Gaussian density integrates to one")
def gaussian_mass() -> Thm:
    """The standard one is Gauss's integral; every other is that one, moved and stretched."""
    y = Symbol("y", real=True)
    return calc(
        total(q, line),
        ("in standard deviations from the mean", lambda e: change_of_variables(e, mean + sqrt(var) * y, y)),
        opened,
        inside(exp(-(y**2) / 2) / sqrt(2 * pi)),
        linearity,
        ("Gauss's integral", gaussian_integral(y)),
        to(Integer(1)),
    )


@theorem(same(E(z - mean, q, line), 0), "The deviation of a Gaussian averages to zero")
def gaussian_mean() -> Thm:
    """The deviation times the density has an antiderivative that vanishes at both ends."""
    return settled(calc(E(z - mean, q, line), opened, lambda e: antiderivative(e, -var * q)))


@theorem(same(E((z - mean) ** 2, q, line), var), "The variance of a Gaussian")
def gaussian_variance() -> Thm:
    """The squared deviation, less the variance, has an antiderivative that vanishes at both ends."""
    centred = ((z - mean) ** 2 - var) * q
    return settled(
        calc(
            E((z - mean) ** 2, q, line),
            opened,
            ("subtract and add the variance", inside(centred + var * q)),
            linearity,
            ("vanishes at both ends", antiderivative(total(centred, line), -var * (z - mean) * q)),
            ("the density integrates to one", gaussian_mass.thm),
        )
    )


@theorem(same(E((z - centre) ** 2, q, line), var + (mean - centre) ** 2), "The second moment about any point")
def gaussian_second_moment() -> Thm:
    """Spread plus squared distance: the cross term has mean zero."""
    step = mean - centre
    return settled(
        calc(
            E((z - centre) ** 2, q, line),
            opened,
            ("the square, about the mean", inside((z - mean) ** 2 * q + 2 * step * (z - mean) * q + step**2 * q)),
            linearity,
            folded(E((z - mean) ** 2, q, line) + 2 * step * E(z - mean, q, line) + step**2 * total(q, line)),
            ("the variance", gaussian_variance.thm),
            ("the deviation averages to zero", gaussian_mean.thm),
            ("the density integrates to one", gaussian_mass.thm),
        )
    )
