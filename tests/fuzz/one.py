"""One target under Atheris, which never comes back: what its arguments say is libFuzzer's."""

import sys

import atheris

with atheris.instrument_imports(include=["keycell", "joserfc"]):
    from .targets import TARGETS

atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
atheris.Fuzz()
