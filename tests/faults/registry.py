"""The rows of the matrix by their name; files of scenarios fill it in."""

SCENARIOS = {}


def scenario(name, title, ci, nightly, control=False):
    """`ci` and `nightly` are how often the fault is played in either column; 0: the row is no part of it."""
    def register(function):
        SCENARIOS[name] = (function, title, ci, nightly, control)
        return function
    return register
