"""Plans -> native text, on pySigma's backends: one subclass a language, where the stock one is wrong."""

from converter.backends.stand_ins import load_backends

load_backends()
