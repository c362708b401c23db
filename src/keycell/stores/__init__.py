"""The ports in SQL, for SQLite and PostgreSQL alike. ``schema.py`` has every table."""
