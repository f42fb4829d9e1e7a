"""Plans -> native text, on pySigma's backends: one subclass a language, where the stock one is wrong."""

from converter.backends.without_jinja import load_templates

load_templates()
