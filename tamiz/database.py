"""One database, SQLite or PostgreSQL: how it is opened, checked, upgraded, and written to safely."""

from __future__ import annotations

import os
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import QueuePool

from tamiz.errors import MissingExtra, StoreError
from tamiz.migrations import MIGRATIONS, migrate, stored_version

__all__ = ["Database", "check_sqlite_version", "insert_new", "network_filesystem", "sqlite_module"]

R = TypeVar("R")

SQLITE_SAFE = (3, 51, 3)  # https://sqlite.org/wal.html#walresetbug: 3.7.0 to 3.51.2 can lose a WAL
BUSY_MILLISECONDS = 30_000
KEPT_OPEN = 4  # connections to an SQLite file between two transactions; more are opened while more are needed
SCRUB_MILLISECONDS = 1_000  # it is tried again by the next run
TRIES = 8  # of a PostgreSQL transaction that lost a deadlock or its connection before it was committed
RETRIED = ("40001", "40P01")  # serialization_failure, deadlock_detected
NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "fuse.sshfs", "9p", "lustre"}


class Database:
    """Transactions on one database. A write starts with BEGIN IMMEDIATE on SQLite, so it never loses a race late."""

    def __init__(self, engine: sa.Engine, shown: str) -> None:
        self._engine = engine
        self._shown = shown

    @classmethod
    def open(cls, url: str, migrations: tuple[dict[str, list[str]], ...] = MIGRATIONS) -> Database:
        """Open, upgrade after a backup, and check; StoreError says what is wrong and what to do."""
        if url.startswith("sqlite:///"):
            engine, shown = _sqlite_engine(Path(url.removeprefix("sqlite:///")))
        else:
            engine, shown = _postgresql_engine(url)
        database = cls(engine, shown)
        try:
            database._upgrade(migrations)
        except BaseException:
            database.close()
            raise
        return database

    @property
    def dialect(self) -> str:
        return self._engine.dialect.name

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads; it sees one state of the database."""
        with self._named_errors(), self._engine.connect() as connection:
            yield connection

    def write(self, work: Callable[[sa.Connection], R]) -> R:
        """Run `work` in one write transaction and commit it; tried again after a lost deadlock."""
        for attempt in range(TRIES):
            try:
                options = {"tamiz_write": True}
                with (
                    self._named_errors(),
                    self._engine.connect().execution_options(**options) as connection,
                    connection.begin(),
                ):
                    return work(connection)
            except _Deadlock:
                time.sleep(0.01 * 2**attempt)
        raise StoreError(f"{self._shown} was busy {TRIES} times in a row. Run the command again in a moment.")

    def scrub(self, tables: Sequence[str], *, index: Sequence[str] = ()) -> bool:
        """Leave nothing of what was overwritten or deleted in the database's files; False while others read or write.

        On SQLite the file is written anew and the WAL emptied; on PostgreSQL old rows of these tables are removed.
        `index` are the statements that do the same within an index of words.
        """
        if self.dialect != "sqlite":
            with self._named_errors(), self._engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                for statement in (f"VACUUM {', '.join(tables)}", *index):
                    connection.exec_driver_sql(statement)
            return True
        with self._named_errors(), self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            connection.detach()  # it is not used again with so little patience
            driver.execute(f"PRAGMA busy_timeout = {SCRUB_MILLISECONDS}")
            try:
                for statement in (*index, "VACUUM"):
                    driver.execute(statement)
            except self._engine.dialect.loaded_dbapi.OperationalError as error:
                if "locked" in str(error):
                    return False
                raise StoreError(f"{self._shown}: {error}. Free some disk space and run: tamiz curate") from None
            busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    def _upgrade(self, migrations: tuple[dict[str, list[str]], ...]) -> None:
        with self.read() as connection:
            version = stored_version(connection)
        if version == len(migrations):
            return
        if 0 < version < len(migrations):
            self._back_up(version)
        self.write(lambda connection: migrate(connection, migrations))

    def _back_up(self, version: int) -> None:
        """Copy everything before an upgrade: beside the file on SQLite, into another schema on PostgreSQL."""
        if self.dialect == "sqlite":
            target = Path(str(self._engine.url.database) + f".backup-v{version}")
            target.unlink(missing_ok=True)
            with self._named_errors(), self._engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute("VACUUM INTO ?", (str(target),))
            return
        self.write(lambda connection: _copy_schema(connection, f"tamiz_backup_v{version}"))

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.OperationalError as error:
            code = getattr(error.orig, "sqlstate", None)
            if code in RETRIED:
                raise _Deadlock from error
            raise StoreError(f"{self._shown}: {_reason(error)}") from error
        except sa.exc.DatabaseError as error:
            if isinstance(error, (sa.exc.IntegrityError, sa.exc.ProgrammingError)):
                raise
            raise StoreError(f"{self._shown}: {_reason(error)}") from error


def insert_new(dialect: str, table: sa.Table, *unique: str) -> Any:
    """INSERT ... ON CONFLICT DO NOTHING, in the database's own words; without `unique`, whatever conflicts."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing(index_elements=list(unique) or None)


class _Deadlock(Exception):
    pass


def _reason(error: sa.exc.DBAPIError) -> str:
    said = str(error.orig).strip().splitlines()[0]
    advice = {
        "database or disk is full": "free some disk space and run the command again; nothing was half-written",
        "attempt to write a readonly database": "make the file and its folder writable, or work on a copy",
        "database disk image is malformed": "keep this file aside and restore the newest tamiz.db.backup-*",
        "file is not a database": "this is no tamiz database; give another [store] url or move the file away",
        "unable to open database file": "check that the folder exists and is writable",
        "disk I/O error": "check the disk (is it full?), then run the command again",
        "database is locked": "another process kept it busy; run the command again when that one has ended",
    }
    move = advice.get(said, "check that the database is running and that [store] url is right")
    return f"{said}. {move[0].upper()}{move[1:]}."


def check_sqlite_version(version: tuple[int, ...]) -> str:
    """A warning for an SQLite whose WAL can lose committed data, or "" for a sound one."""
    if (3, 7, 0) <= version < SQLITE_SAFE:
        shown = ".".join(map(str, version))
        return (
            f"SQLite {shown} has the WAL-reset bug (3.7.0 to 3.51.2), which can lose decisions when several "
            "processes write. Run: pip install pysqlite3"
        )
    return ""


def network_filesystem(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of network file system that `path` is on, or "". SQLite's WAL needs memory shared by one host."""
    if not mounts.exists():
        return ""
    best, kind = Path("/"), ""
    for line in mounts.read_text(errors="replace").splitlines():
        fields = line.split(" ")
        mount = Path(fields[1].replace("\\040", " "))
        if path.resolve().is_relative_to(mount) and len(mount.parts) >= len(best.parts):
            best, kind = mount, fields[2]
    return kind if kind in NETWORK else ""


def sqlite_module() -> ModuleType:
    try:
        import pysqlite3  # type: ignore[import-untyped]
    except ImportError:
        return sqlite3
    return pysqlite3  # type: ignore[no-any-return]


def _sqlite_engine(path: Path) -> tuple[sa.Engine, str]:
    kind = network_filesystem(path.parent)
    if kind:
        raise StoreError(
            f"{path} is on a network file system ({kind}), where SQLite loses data. "
            "Move the project to a local disk, or set [store] url to a PostgreSQL database."
        )
    module = sqlite_module()
    warning = check_sqlite_version(module.sqlite_version_info)
    if warning:
        warnings.warn(warning, stacklevel=4)
    engine = sa.create_engine(
        f"sqlite:///{path}",
        module=module,
        poolclass=QueuePool,  # opening one, and closing the last, takes longer than most of what is asked of it
        pool_size=KEPT_OPEN,
        max_overflow=-1,
        connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        record.info["file"] = _file_at(path)
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        # secure_delete: what is overwritten or deleted is set to zeros, see tamiz.sealed
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")

    @sa.event.listens_for(engine, "checkout")
    def is_still_there(_connection: Any, record: Any, _proxy: object) -> None:
        if record.info["file"] != _file_at(path):  # a backup was put in its place: what is written goes there
            engine.pool.dispose()  # all of them before another opens: the last to close removes the WAL by its name
            raise sa.exc.DisconnectionError

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("tamiz_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine, str(path)


def _file_at(path: Path) -> tuple[int, int] | None:
    """Which file it is, whatever its name; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _postgresql_engine(url: str) -> tuple[sa.Engine, str]:
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise MissingExtra("A PostgreSQL store", "team", "psycopg") from None
    try:
        engine = sa.create_engine(url, pool_pre_ping=True)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise StoreError(f"[store] url is not a database address ({error}); see docs/how-to/team.md") from None
    return engine, engine.url.render_as_string(hide_password=True)


def _copy_schema(connection: sa.Connection, target: str) -> None:
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {target} CASCADE")
    connection.exec_driver_sql(f"CREATE SCHEMA {target}")
    for table in sa.inspect(connection).get_table_names():
        connection.exec_driver_sql(f'CREATE TABLE {target}."{table}" AS TABLE "{table}"')
