"""The rows of the matrix by their name; files of scenarios fill it in."""

SCENARIOS = {}
OWN_NETWORK = set()  # those whose process is started in a network namespace of its own


def scenario(name, title, ci, nightly, control=False, own_network=False):
    """`ci` and `nightly` are how often the fault is played in either column; 0: the row is no part of it."""
    def register(function):
        SCENARIOS[name] = (function, title, ci, nightly, control)
        if own_network:
            OWN_NETWORK.add(name)
        return function
    return register
