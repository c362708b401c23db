"""What administrators do, each thing once: for REST, and for the command on the server's machine.

A call takes what is asked as one value, and gives the document that is shown. The words are those
of `keycell admin`; `calls.py` lists them all. See decisions/0046.
"""
