"""FAULTS rows 1, 5, 10 and 40: killed, out of order, too old, upgraded."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tamiz.database import Database, check_sqlite_version, network_filesystem
from tamiz.errors import StoreError
from tamiz.migrations import MIGRATIONS
from tamiz.store import Store

SECOND = {"sqlite": ["CREATE TABLE later (x TEXT) STRICT"], "postgresql": ["CREATE TABLE later (x TEXT)"]}

INGEST = """
import sys
from tamiz.records import Pair
from tamiz.store import Store
store = Store.open(sys.argv[1])
number = 0
while True:
    number += 1
    pairs = [
        Pair(question=f"q {number} {n}", answer="a", lang="es", url="u", kind="faq", group="g") for n in range(5)
    ]
    store.add_pairs(pairs, "source:x")
    print(number, flush=True)
"""


def test_a_killed_import_keeps_every_acknowledged_pair_and_no_half_batch(store_url):
    """FAULTS row 1."""
    child = subprocess.Popen([sys.executable, "-c", INGEST, store_url], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    acknowledged = 0
    for _ in range(25):
        acknowledged = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read().split()
    child.wait()
    child.stdout.close()
    acknowledged = int(rest[-1]) if rest else acknowledged
    with Store.open(store_url) as store:
        kept = store.counts()["new"]
        assert kept % 5 == 0
        assert acknowledged * 5 <= kept <= (acknowledged + 1) * 5
        assert len(list(store.events())) == kept


def test_a_sqlite_that_was_written_by_a_killed_process_is_whole(tmp_path):
    path = tmp_path / "tamiz.db"
    child = subprocess.Popen([sys.executable, "-c", INGEST, f"sqlite:///{path}"], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    child.kill()
    child.wait()
    child.stdout.close()
    with Store.open(f"sqlite:///{path}") as store, store.database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything; run the tests as another user")
def test_a_read_only_folder_is_a_named_error(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="folder exists and is writable"):
            Store.open(f"sqlite:///{tmp_path / 'tamiz.db'}")
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_that_is_not_there_is_a_named_error(tmp_path):
    """FAULTS row 5."""
    with pytest.raises(StoreError, match="Check that the folder exists"):
        Store.open(f"sqlite:///{tmp_path / 'none' / 'tamiz.db'}")


def test_a_file_that_is_no_database_is_a_named_error(tmp_path):
    path = tmp_path / "tamiz.db"
    path.write_text("hello " * 1000)
    with pytest.raises(StoreError, match="This is no tamiz database"):
        Store.open(f"sqlite:///{path}")
    assert path.read_text() == "hello " * 1000


def test_a_read_only_database_is_a_named_error(tmp_path, make_pair):
    path = tmp_path / "tamiz.db"
    with Store.open(f"sqlite:///{path}") as store:

        def refuse(connection: sa.Connection) -> None:
            connection.detach()  # it is of no use to anybody afterwards
            connection.exec_driver_sql("PRAGMA query_only = ON")
            connection.exec_driver_sql("DELETE FROM tally")

        with pytest.raises(StoreError, match="Make the file and its folder writable"):
            store.database.write(refuse)
        assert store.add_pairs([make_pair()], "source:x").new


def test_a_postgresql_that_does_not_answer_is_a_named_error():
    with pytest.raises(StoreError, match="Check that the database is running") as raised:
        Store.open("postgresql+psycopg://ana:s3cret@127.0.0.1:9/none")
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("version", "warned"),
    [((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 51, 2), True), ((3, 51, 3), False)],
    ids=["before WAL", "the first", "Debian 12", "the last", "mended"],
)
def test_an_sqlite_with_the_wal_reset_bug_is_warned_of(version, warned):
    """FAULTS row 10."""
    said = check_sqlite_version(version)
    assert bool(said) == warned
    assert not warned or "pip install pysqlite3" in said


def test_the_sqlite_in_use_is_a_sound_one():
    database = Database.open("sqlite:///:memory:")
    with database.read() as connection:
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    database.close()
    if version == sqlite3.sqlite_version:
        pytest.skip("no pysqlite3 on this machine; bring it with: pip install pysqlite3")
    assert check_sqlite_version(tuple(map(int, version.split(".")))) == ""


def test_a_network_file_system_is_refused_with_the_way_out(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/home {tmp_path} nfs4 rw 0 0\n")
    assert network_filesystem(tmp_path / "project", mounts) == "nfs4"
    assert network_filesystem(tmp_path.parent, mounts) == ""


def test_an_upgrade_backs_up_first(bare_url, make_pair, tmp_path):
    with Store.open(bare_url) as store:
        store.add_pairs([make_pair()], "source:x")
    Database.open(bare_url, (*MIGRATIONS, SECOND)).close()
    if bare_url.startswith("sqlite"):
        with sqlite3.connect(tmp_path / f"tamiz.db.backup-v{len(MIGRATIONS)}") as backup:
            assert backup.execute("SELECT count(*) FROM pair").fetchone() == (1,)
        backup.close()
        return
    engine = sa.create_engine(bare_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM tamiz_backup_v{len(MIGRATIONS)}.pair").scalar() == 1
    engine.dispose()


COPY = """
import sys
from tamiz.database import sqlite_module
sqlite_module().connect(sys.argv[1]).execute("VACUUM INTO ?", sys.argv[2:])
"""


def test_a_file_that_is_put_in_its_place_is_the_one_that_is_read_and_written(tmp_path, make_pair):
    """Somebody brings a backup back while the app runs."""
    path = tmp_path / "tamiz.db"
    with Store.open(f"sqlite:///{path}") as store:
        store.add_pairs([make_pair(1)], "source:x")
        with store.database.read() as one, store.database.read() as other:  # two that are kept
            assert one.exec_driver_sql("SELECT 1").scalar() == other.exec_driver_sql("SELECT 1").scalar()
        subprocess.run([sys.executable, "-c", COPY, str(path), str(tmp_path / "copy")], check=True)
        store.add_pairs([make_pair(2)], "source:x")
        for name in ("tamiz.db-wal", "tamiz.db-shm"):
            (tmp_path / name).unlink()
        (tmp_path / "copy").replace(path)
        assert store.counts() == {"new": 1}
        store.add_pairs([make_pair(3)], "source:x")
    with Store.open(f"sqlite:///{path}") as store:
        assert [stored.pair for stored in store.pairs("new")] == [make_pair(1), make_pair(3)]


def test_connections_are_kept_open_and_let_go_at_the_end(tmp_path, make_pair):
    store = Store.open(f"sqlite:///{tmp_path / 'tamiz.db'}")
    before = {number for number, name in _open_files(tmp_path) if name == "tamiz.db"}
    store.add_pairs([make_pair(1)], "source:x")
    assert store.counts() == {"new": 1}
    assert {number for number, name in _open_files(tmp_path) if name == "tamiz.db"} == before != set()
    store.close()
    assert not _open_files(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["tamiz.db"]  # the WAL is part of it again


def _open_files(folder: Path) -> list[tuple[str, str]]:
    """The numbers and names of the files in this folder that are open; other tests may have others of that name."""
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no /proc here that tells which files are open")
    links = ((one.name, Path(os.readlink(one))) for one in Path("/proc/self/fd").iterdir() if one.is_symlink())
    return [(number, target.name) for number, target in links if target.parent == folder]


def test_a_database_of_a_newer_tamiz_is_refused_and_left_alone(bare_url):
    """FAULTS row 40."""
    Database.open(bare_url, (*MIGRATIONS, SECOND)).close()
    with pytest.raises(StoreError, match="pip install -U tamiz"):
        Store.open(bare_url)
    Database.open(bare_url, (*MIGRATIONS, SECOND)).close()


def test_a_migration_that_fails_changes_nothing(bare_url, make_pair):
    with Store.open(bare_url) as store:
        store.add_pairs([make_pair()], "source:x")
    broken = {dialect: ["CREATE TABLE half (x TEXT)", "CREATE NONSENSE"] for dialect in ("sqlite", "postgresql")}
    with pytest.raises(Exception, match=r"(?i)syntax"):
        Database.open(bare_url, (*MIGRATIONS, broken))
    with Store.open(bare_url) as store:
        assert store.counts() == {"new": 1}
        with store.database.read() as connection:
            assert not sa.inspect(connection).has_table("half")
