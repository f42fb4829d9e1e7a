"""The beta distribution, and Welch's test.

Source: the pages of these functions in the KQL reference; outside a function's domain the result is NaN, or
null where the page's example prints nothing.
"""

from __future__ import annotations

import math

from converter.evaluate.kusto.functions.registry import function

_SMALLEST = 1e-300
_LIMIT = 10_000


def _fraction(x: float, alpha: float, beta: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    upper, lower = 1.0, 1 - (alpha + beta) * x / (alpha + 1)
    lower = 1 / (lower or _SMALLEST)
    result = lower
    for step in range(1, _LIMIT):
        even = step * (beta - step) * x / ((alpha + 2 * step - 1) * (alpha + 2 * step))
        odd = -(alpha + step) * (alpha + beta + step) * x / ((alpha + 2 * step) * (alpha + 2 * step + 1))
        for term in (even, odd):
            lower = 1 / ((1 + term * lower) or _SMALLEST)
            upper = (1 + term / upper) or _SMALLEST
            result *= lower * upper
        if abs(lower * upper - 1) < 1e-16:
            break
    return result


def _scale(x: float, alpha: float, beta: float) -> float:
    """x^alpha (1-x)^beta over the beta function."""
    logarithm = alpha * math.log(x) + beta * math.log1p(-x)
    try:
        return math.exp(logarithm + math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta))
    except OverflowError:
        return math.nan


def incomplete_beta(x: float, alpha: float, beta: float) -> float:
    """The regularized incomplete beta function, for x from 0 to 1."""
    if x in (0.0, 1.0):
        return x
    if x < (alpha + 1) / (alpha + beta + 2):
        return _scale(x, alpha, beta) * _fraction(x, alpha, beta) / alpha
    return 1 - _scale(x, alpha, beta) * _fraction(1 - x, beta, alpha) / beta


@function("beta_cdf", "real, real, real -> real")
def beta_cdf(x: float, alpha: float, beta: float) -> float:
    if not (0 <= x <= 1 and 0 < alpha <= _LIMIT and 0 < beta <= _LIMIT):
        return math.nan
    return incomplete_beta(x, alpha, beta)


@function("beta_pdf", "real, real, real -> real")
def beta_pdf(x: float, alpha: float, beta: float) -> float:
    if not (0 < x < 1 and alpha > 0 and beta > 0):
        return math.nan
    return _scale(x, alpha, beta) / (x * (1 - x))


@function("beta_inv", "real, real, real -> real")
def beta_inv(probability: float, alpha: float, beta: float) -> float | None:
    """Where `beta_cdf` has that value, by bisection."""
    if not (0 < alpha <= _LIMIT and 0 < beta <= _LIMIT):
        return math.nan
    if not 0 < probability <= 1:
        return None
    if probability == 1:
        return 1.0
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        if incomplete_beta(middle, alpha, beta) < probability:
            low = middle
        else:
            high = middle
    return high


@function("welch_test", "real, real, real, real, real, real -> real")
def welch_test(mean: float, variance: float, count: float, *other: float) -> float:
    """The two-sided probability that both series have one mean."""
    mean2, variance2, count2 = other
    if min(count, count2) < 2 or min(variance, variance2) < 0 or variance + variance2 == 0:
        return math.nan
    error, error2 = variance / count, variance2 / count2
    try:
        freedom = (error + error2) ** 2 / (error**2 / (count - 1) + error2**2 / (count2 - 1))
        squared = (mean - mean2) ** 2 / (error + error2)
    except (OverflowError, ZeroDivisionError):
        return math.nan
    if not math.isfinite(freedom + squared):
        return math.nan
    return incomplete_beta(freedom / (freedom + squared), freedom / 2, 0.5)
