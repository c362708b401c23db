"""The public exam of the field, module by module: what a stranger's test suite looks at.

A server of its own under TLS, met by HTTP alone: registered by dynamic registration, signed in to
by a robot that fills in the pages. Each test is named after its module; docs/conformance.md lists
them.
"""
