"""The resource server: spaces, nodes and versions, who may do what with them, and the flows.

Values and rules (`names`, `nodes`, `spaces`, `access`, `uploads`, `hashes`) know no I/O; flows
find, decide and commit through `ports`; the wires under `http/` read and write their own forms.
"""
