"""What people do with their own account, each thing once: see it, end what acts in its name.

The same shape as administration: a call takes one value and gives a document; `calls.py` lists
them all.
"""
