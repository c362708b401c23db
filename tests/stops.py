"""A database that stands still at the n-th write, by triggers in a real server's tables."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from .postgres import Postgres

WRITTEN = ("grants", "seen_ids", "opaque_tokens", "clients", "throttles", "audit")
"""The tables that the token endpoint writes to."""


class Stops(Protocol):
    """Where a server that writes is made to stand still."""

    def at(self, number: int) -> None:
        """Stand still at this write from now on, the first being 1; at 0 go on for good."""
        ...


class PostgresStops:
    """Stands still twice for each row: after it is written, and when it is about to be kept.

    Sequences are seen at once and never rolled back, whatever becomes of a transaction.
    """

    def __init__(self, postgres: Postgres, url: str) -> None:
        self._postgres = postgres
        self._url = url
        self._run(
            """
            CREATE SCHEMA stops;
            CREATE SEQUENCE stops.writes;
            CREATE SEQUENCE stops.goal MINVALUE 0;
            CREATE FUNCTION stops.stand_still() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE goal bigint := (SELECT last_value FROM stops.goal);
            BEGIN
              IF goal > 0 AND nextval('stops.writes') = goal THEN
                WHILE (SELECT last_value FROM stops.goal) = goal LOOP
                  PERFORM pg_sleep(0.02);
                END LOOP;
              END IF;
              RETURN NULL;
            END $$;
            SELECT setval('stops.goal', 0);
            """
        )
        for table in WRITTEN:
            self._run(
                f"""
                CREATE TRIGGER stop_written AFTER INSERT OR UPDATE ON {table}
                  FOR EACH ROW EXECUTE FUNCTION stops.stand_still();
                CREATE CONSTRAINT TRIGGER stop_kept AFTER INSERT OR UPDATE ON {table}
                  DEFERRABLE INITIALLY DEFERRED
                  FOR EACH ROW EXECUTE FUNCTION stops.stand_still();
                """
            )

    def at(self, number: int) -> None:
        """Stand still at this write, or go on."""
        self._run(f"SELECT setval('stops.goal', {number}), setval('stops.writes', 1, false)")

    def _run(self, sql: str) -> None:
        self._postgres.execute(sql, self._url)


class SqliteStops:
    """Stands still for each row, by counting for longer than anybody waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._opened() as database:
            database.executescript(
                """
                CREATE TABLE stops (goal INTEGER, writes INTEGER);
                INSERT INTO stops VALUES (0, 0);
                CREATE VIEW stops_long AS WITH RECURSIVE n(i) AS
                  (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT i FROM n;
                """
            )
            for table, verb in (
                (table, verb) for table in WRITTEN for verb in ("INSERT", "UPDATE")
            ):
                database.execute(
                    f"""
                    CREATE TRIGGER stop_{table}_{verb} AFTER {verb} ON {table}
                    WHEN (SELECT goal FROM stops) > 0
                    BEGIN
                      UPDATE stops SET writes = writes + 1;
                      SELECT CASE WHEN (SELECT writes = goal FROM stops)
                        THEN (SELECT count(*) FROM stops_long) END;
                    END
                    """  # noqa: S608  (names of our own tables)
                )

    def at(self, number: int) -> None:
        """Stand still at this write, or go on."""
        with self._opened() as database:
            database.execute("UPDATE stops SET goal = ?, writes = 0", (number,))

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self._path, timeout=20)) as database, database:
            yield database
