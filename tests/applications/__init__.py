"""Applications of others, each started with the block that its preset prints.

They are large, so they are no part of `make test`: `make applications` installs and tries them.
"""
