"""Bring your own data in: every kind of file through one door."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from crawlers.imports.kinds import Kind, recognise
from crawlers.imports.mailbox import mail_files
from crawlers.imports.report import Frame, ImportOptions, ImportReport
from crawlers.imports.tablefiles import dataset_rows, table_rows
from crawlers.imports.tables import import_rows
from crawlers.imports.unpacked import is_packed, unpacked
from crawlers.imports.workfolder import work_folder
from tamiz.project import Project
from tamiz.store import Store

__all__ = ["import_files", "kept_name"]

TOGETHER: tuple[Kind, ...] = ("mail", "reddit")  # their threads go over several files
# WhatsApp names its exports after the person.
_NAMED_AFTER = re.compile(r"(?:whatsapp chat|chat de whatsapp|conversaci[oó]n de whatsapp)\b.{0,200}", re.I)


def kept_name(path: Path) -> str:
    """A file's name as it is kept: without that of a person.

    >>> kept_name(Path("tickets.csv")), kept_name(Path("WhatsApp Chat with Somebody.txt"))
    ('tickets.csv', 'WhatsApp chat c2373e5f.txt')
    """
    if _NAMED_AFTER.match(path.stem):
        return f"WhatsApp chat {hashlib.sha256(path.stem.encode()).hexdigest()[:8]}{path.suffix}"
    return path.name


def import_files(
    project: Project, store: Store, paths: Sequence[Path], options: ImportOptions, kind: Kind | None = None
) -> list[ImportReport]:
    """Add the pairs of files of any known kind; importing them again adds nothing.

    `kind` is what they are, where it should not be told from each. Mails and Reddit's files are taken
    together, as their threads go over several. InputError, with the next move, for what cannot be read.
    """
    reports: list[ImportReport] = []
    together: dict[Kind, list[Path]] = {}
    for path in paths:
        if is_packed(path):
            with work_folder(project) as folder:
                for name, inner in unpacked(path, folder):
                    found = kind or recognise(inner)
                    frame = _frame(project, store, f"{kept_name(path)}/{name}", options)
                    reports.append(_import_one(frame, found, [inner]))
            continue
        found = kind or recognise(path)
        if found in TOGETHER:
            together.setdefault(found, []).append(path)
        else:
            reports.append(_import_one(_frame(project, store, kept_name(path), options), found, [path]))
    for found, files in together.items():
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        reports.append(_import_one(_frame(project, store, kept_name(files[0]) + more, options), found, files))
    return reports


def _frame(project: Project, store: Store, file: str, options: ImportOptions) -> Frame:
    return Frame(project=project, store=store, file=file, options=options)


def _import_one(frame: Frame, kind: Kind, files: Sequence[Path]) -> ImportReport:
    """Each kind is imported where it is needed: a table needs none of the page readers."""
    path = files[0]
    if kind == "mail":
        from crawlers.imports.transcripts import import_mail

        mails = [mail for file in files for mail in (mail_files(file) if file.is_dir() else (file,))]
        return import_mail(frame, mails)
    if kind == "reddit":
        from crawlers.imports.reddit import import_reddit

        return import_reddit(frame, files)
    if kind == "stackexchange":
        from crawlers.imports.stackexchange import import_stackexchange

        return import_stackexchange(frame, path)
    if kind == "transcript":
        from crawlers.imports.transcripts import import_transcript

        return import_transcript(frame, path)
    if kind == "hf":
        name = str(path).removeprefix("hf:")
        return import_rows(frame, path, dataset_rows(name, frame.options.split), taken_for="Hugging Face dataset")
    return import_rows(frame, path, table_rows(path))
