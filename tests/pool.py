"""Databases of a PostgreSQL server, lent to tests and taken back: to empty one is far quicker than to make one."""

import os
from functools import cache

import psycopg
from psycopg import sql
from sqlalchemy import URL, create_engine, make_url
from sqlmodel import SQLModel

import meetup.storage.tables  # noqa: F401 -- fills SQLModel.metadata
from tests.postgres import VARIABLE

VERSION = "alembic_version"
PLAIN = """
    SELECT string_agg(relname || relnatts, ' ' ORDER BY relname) || (SELECT count(*) FROM pg_constraint)
        || (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""
CUT_OFF = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
Row = tuple[object, ...]


class Pool:
    """What one process has made on the server."""

    def __init__(self) -> None:
        self.server = make_url(os.environ[VARIABLE])
        self._free: list[str] = []
        self._made = 0
        self._hands: dict[str, psycopg.Connection] = {}
        self._admin = self._connect(str(self.server.database))
        self._prefix = f"test_{os.getpid()}_"
        self._blank = self._make("template1")
        self._with_tables()
        self._plain = self._ask(self._blank, PLAIN)

    def url(self, name: str) -> str:
        """Return the address of a database, as the settings of the program take it."""
        return self.server.set(database=name).render_as_string(hide_password=False)

    def empty(self) -> str:
        """Make a database with nothing in it."""
        return self._make("template1")

    def with_tables(self) -> str:
        """Lend a database that has every table and no row."""
        if not self._free:
            return self._make(self._blank)
        name = self._free.pop()
        self._wipe(name)
        return name

    def take_back(self, name: str) -> None:
        """Cut off whoever is still connected; keep the database for the next test unless its schema has changed."""
        hand = self._hand(name)
        hand.execute(CUT_OFF)
        if self._ask(name, PLAIN) == self._plain:
            self._free.append(name)
        else:
            self._drop(name)

    def fill(self, name: str, source: str) -> None:
        """Put the content of one database in place of another's."""
        if self._ask(name, PLAIN) == self._plain:
            self._wipe(name)
        else:
            self._drop(name)
            self._make(self._blank, name)
        giving, taking = self._hand(source), self._hand(name)
        for table in _tables():
            _copy(giving, taking, table)
        last = "SELECT sequencename::text, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
        for sequence, value in giving.execute(last).fetchall():
            taking.execute("SELECT setval(%s::regclass, %s)", [sequence, value])

    def close(self) -> None:
        """Drop everything."""
        for hand in self._hands.values():
            hand.close()
        found = self._admin.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self._prefix])
        for (name,) in found.fetchall():
            self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        self._admin.close()

    def _with_tables(self) -> None:
        engine = create_engine(self.url(self._blank))
        with engine.begin() as connection:
            SQLModel.metadata.create_all(connection)
            connection.exec_driver_sql(f"CREATE TABLE {VERSION} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        engine.dispose()

    def _make(self, template: str, name: str = "") -> str:
        self._made += 1
        name = name or f"{self._prefix}{self._made}"
        self._let_go(template)
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._admin.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def _drop(self, name: str) -> None:
        self._let_go(name)
        self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _wipe(self, name: str) -> None:
        everything = sql.SQL("; ").join(
            sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in reversed(_tables())
        )
        hand = self._hand(name)
        hand.execute("UPDATE members SET alias_sealed = ''")  # or the ledger lets nothing go
        hand.execute(everything)
        hand.execute("SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences")

    def _ask(self, name: str, question: str) -> Row | None:
        return self._hand(name).execute(question.encode()).fetchone()

    def _hand(self, name: str) -> psycopg.Connection:
        if name not in self._hands:
            self._hands[name] = self._connect(name)
        return self._hands[name]

    def _let_go(self, name: str) -> None:
        if name in self._hands:
            self._hands.pop(name).close()

    def _connect(self, name: str) -> psycopg.Connection:
        plain: URL = self.server.set(drivername="postgresql", database=name)
        return psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True)


@cache
def pool() -> Pool:
    """Return the pool of this process."""
    return Pool()


@cache
def _tables() -> dict[str, list[str]]:
    """Return every table with its columns, each after those that it refers to."""
    ours = {table.name: list(table.columns.keys()) for table in SQLModel.metadata.sorted_tables}
    return {**ours, VERSION: ["version_num"]}


def _copy(giving: psycopg.Connection, taking: psycopg.Connection, table: str) -> None:
    # By name: migrations have added columns at the end that stand elsewhere in a table made at once.
    columns = sql.SQL(", ").join(map(sql.Identifier, _tables()[table]))
    out = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT BINARY)").format(sql.Identifier(table), columns)
    into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), columns)
    with giving.cursor().copy(out) as given, taking.cursor().copy(into) as taken:
        for part in given:
            taken.write(part)
