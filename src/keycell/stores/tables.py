"""How tables are written: columns of the few kinds there are, and the list of all tables.

Times are integers of microseconds since 1970, truth values 0 and 1, texts compare bytewise. A
table with a ``purge_at`` loses its rows a little after that moment, as others are written.
"""

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, SmallInteger, Text

metadata = MetaData()

TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def text(name: str, *, is_key: bool = False) -> "Column[str]":
    """Give a column of text."""
    return Column(name, TEXT, primary_key=is_key, nullable=False)


def maybe(name: str) -> "Column[str]":
    """Give a column of text that may be absent."""
    return Column(name, TEXT)


def micros(name: str) -> "Column[int]":
    """Give a column of a time, or another large number."""
    return Column(name, BigInteger, nullable=False)


def maybe_micros(name: str) -> "Column[int]":
    """Give a column of a time, or another large number, that may be absent."""
    return Column(name, BigInteger)


def flag(name: str) -> "Column[int]":
    """Give a column of 0 or 1."""
    return Column(name, SmallInteger, nullable=False)


def maybe_bytes(name: str) -> "Column[bytes]":
    """Give a column of bytes that may be absent."""
    return Column(name, LargeBinary)


def small(name: str) -> "Column[int]":
    """Give a column of a small number."""
    return Column(name, SmallInteger, nullable=False)
