"""A Ray cluster of several node processes on the loopback address, each in a session of its own.

Run as a program it is `ray start`, held to the loopback address for the nodes that join, too.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__)
SMALL = ["--object-store-memory=80000000", "--include-log-monitor=false", "--disable-usage-stats"]


def kill_session(session: int) -> None:
    """Workers have process groups of their own; the session is that of their node."""
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # those that end meanwhile
            if int(path.joinpath("stat").read_text().rpartition(")")[2].split()[3]) == session:
                os.kill(int(path.name), signal.SIGKILL)


class Cluster:
    """A head that does no tasks, and nodes with one processor each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = HERE.parents[2]  # its kernels are compiled once; in a copy they would be at every run
        self.token = folder / "token"
        self.token.write_text(secrets.token_hex(32))
        self.token.chmod(0o600)
        self.nodes: list[int] = []  # sessions, that of the head first
        self.scratch = Path(tempfile.mkdtemp(prefix="ray-"))  # a short path: that of a socket may have 107 bytes
        head = ["--head", "--port=0", "--num-cpus=0", "--include-dashboard=false", f"--temp-dir={self.scratch}"]
        self._start([*head, "--node-ip-address=127.0.0.1"])
        self.address = (self.scratch / "ray_current_cluster").read_text().strip()

    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("RAY_")},
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(self.token),
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # the loopback address alone
            "RAY_health_check_initial_delay_ms": "500",
            "RAY_health_check_period_ms": "500",
            "RAY_health_check_timeout_ms": "2000",
            "RAY_health_check_failure_threshold": "4",
            "PYTHONPATH": f"{self.site}:{HERE.parent}",
        }

    def add_node(self) -> int:
        """Start a node with one processor; its session."""
        self._start([f"--address={self.address}", "--num-cpus=1"])
        return self.nodes[-1]

    def kill_node(self, session: int) -> None:
        """All processes of a node at once, as when its machine loses power."""
        self.nodes.remove(session)
        kill_session(session)

    def stop(self) -> None:
        while self.nodes:
            self.kill_node(self.nodes[-1])
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _start(self, options: list[str]) -> None:
        environment = self.environment()
        if "--head" not in options:
            del environment["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"]  # Ray would refuse a second node
        log = self.folder / f"node-{len(self.nodes)}-{time.monotonic_ns()}.log"
        with log.open("w") as file:
            started = subprocess.Popen(
                [sys.executable, str(HERE), *options, *SMALL],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
            code = started.wait(timeout=60)
        self.nodes.append(started.pid)
        assert code == 0, log.read_text()


if __name__ == "__main__":
    from ray._private import services
    from ray.scripts.scripts import cli

    services.get_node_ip_address = lambda address=None: "127.0.0.1"
    cli(args=["start", *sys.argv[1:]])
