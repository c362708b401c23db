"""The command `keycell`: a file for each group of commands.

Nothing of the server is imported before a command runs, so that ``--help`` is quick.
"""
