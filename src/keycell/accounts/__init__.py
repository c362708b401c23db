"""People: accounts, groups, passwords, browser sessions, and what the flows about them need.

Rules here are pure; what touches the world stands behind the protocols of ``ports.py``.
"""
