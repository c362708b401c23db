"""Keycell beside node-oidc-provider: the same work, the same load, the same run."""
