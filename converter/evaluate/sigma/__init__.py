"""The Sigma evaluator: rules, correlations and filters, read with pySigma from the YAML text."""

from converter.evaluate.sigma.run import compile_sigma

__all__ = ["compile_sigma"]
