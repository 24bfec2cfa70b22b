"""The keeper's process, started by the one that fetches; its only argument is the pipe between them."""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection

from crawlers.link import serve

if __name__ == "__main__":
    with Connection(int(sys.argv[1])) as connection:
        serve(connection)
