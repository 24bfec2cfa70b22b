"""Lines of very large files, plain or compressed, in constant memory; bombs are cut."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from tamiz.errors import InputError, MissingExtra

__all__ = ["LineCutter", "is_seven_zip", "read_lines", "zstd_lines"]

BLOCK = 1 << 18
LARGEST_LINE = 16 << 20  # bytes; a longer one is refused and passed over
MOST_UNPACKED = 500  # times the packed bytes, once a gigabyte is out; text packs to a tenth
UNPACKED_FREELY = 1 << 30
WIDEST_WINDOW = 31  # the dumps of Reddit are packed with a window of 2**31 bytes

ZSTANDARD = b"\x28\xb5\x2f\xfd"
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"


class LineCutter:
    """Cuts the blocks that are written to it into numbered lines; one that is too long comes as None."""

    def __init__(self, take: Callable[[int, bytes | None], None]) -> None:
        self._take = take
        self._rest = bytearray()
        self._number = 1
        self._too_long = False

    def write(self, block: bytes) -> int:
        *lines, rest = block.split(b"\n")
        for line in lines:
            if not self._too_long:
                self._take(self._number, bytes(self._rest) + line)
            self._rest.clear()
            self._too_long = False
            self._number += 1
        if not self._too_long:
            self._rest += rest
            if len(self._rest) > LARGEST_LINE:
                self._take(self._number, None)
                self._rest.clear()
                self._too_long = True
        return len(block)

    def end(self) -> None:
        if self._rest:
            self._take(self._number, bytes(self._rest))
            self._rest.clear()


def read_lines(path: Path, take: Callable[[int, bytes | None], None], told: Callable[[int], None]) -> None:
    """Give every line of a plain, .zst or .7z file to `take`; `told` hears how many bytes of the file were read."""
    cutter = LineCutter(take)
    with path.open("rb") as file:
        if is_seven_zip(path):
            unpack_seven_zip(path, file, cutter, told)
        elif is_zstd(path):
            try:
                _copy(path, zstd_stream(file), file, cutter, told)
            except (EOFError, _zstd().ZstdError) as error:
                raise InputError(f"{path} is damaged ({error}); fetch it again, nothing of it was kept") from None
        else:
            _copy(path, file, file, cutter, told)
    cutter.end()


def _copy(path: Path, stream: IO[bytes], file: IO[bytes], cutter: LineCutter, told: Callable[[int], None]) -> None:
    unpacked = 0
    while block := stream.read(BLOCK):
        unpacked += len(block)
        _check_size(path, unpacked, file.tell())
        cutter.write(block)
        told(file.tell())


def _check_size(path: Path, unpacked: int, packed: int) -> None:
    if unpacked > UNPACKED_FREELY and unpacked > MOST_UNPACKED * packed:
        raise InputError(f"{path} unpacks to over {MOST_UNPACKED} times its size; no dump does, it is not read")


def is_zstd(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(ZSTANDARD)) == ZSTANDARD


def is_seven_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SEVEN_ZIP)) == SEVEN_ZIP


def _zstd() -> Any:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ModuleNotFoundError:
        raise MissingExtra("Reading a .zst file", "imports", "backports.zstd") from None
    return zstd


def zstd_stream(file: IO[bytes]) -> IO[bytes]:
    zstd = _zstd()
    stream: IO[bytes] = zstd.ZstdFile(file, options={zstd.DecompressionParameter.window_log_max: WIDEST_WINDOW})
    return stream


def zstd_lines(path: Path, most: int) -> Iterator[bytes]:
    """The first lines of a .zst file, to see what it is."""
    with path.open("rb") as file:
        stream = zstd_stream(file)
        for _ in range(most):
            try:
                line = stream.readline(LARGEST_LINE)
            except (EOFError, _zstd().ZstdError):
                return
            if not line:
                return
            yield line


def unpack_seven_zip(path: Path, file: IO[bytes], cutter: LineCutter, told: Callable[[int], None]) -> None:
    """Stream Posts.xml out of an archive; nothing of it is written to the disk, so its names can do no harm."""
    try:
        import py7zr
        from py7zr.io import Py7zIO, WriterFactory
    except ModuleNotFoundError:
        raise MissingExtra("Reading a .7z archive", "imports", "py7zr") from None

    class Cut(Py7zIO):  # type: ignore[misc, unused-ignore]
        """The file that py7zr believes it writes."""

        def __init__(self) -> None:
            self._size = 0

        def write(self, s: bytes | bytearray) -> int:
            self._size += len(s)
            _check_size(path, self._size, path.stat().st_size)
            cutter.write(bytes(s))
            told(file.tell())
            return len(s)

        def read(self, size: int | None = None) -> bytes:
            return b""

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

        def flush(self) -> None: ...

        def size(self) -> int:
            return self._size

    class Factory(WriterFactory):  # type: ignore[misc, unused-ignore]
        def create(self, filename: str) -> Cut:
            return Cut()

    try:
        with py7zr.SevenZipFile(file, "r") as archive:
            wanted = [name for name in archive.getnames() if name.rpartition("/")[2].lower() == "posts.xml"]
            if not wanted:
                raise InputError(f"{path} has no Posts.xml; give the archive of one site of a Stack Exchange dump")
            archive.extract(targets=wanted[:1], factory=Factory())
    except (py7zr.exceptions.ArchiveError, EOFError, ValueError, OSError) as error:
        raise InputError(f"{path} is a damaged or locked 7z archive ({error}); fetch it again") from None
