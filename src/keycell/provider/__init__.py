"""Keycell."""
