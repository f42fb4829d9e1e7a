"""The built-in scalar functions, a module a kind. `calls` has all: it is loaded for the first call."""
