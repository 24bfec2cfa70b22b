"""The tasks of stages on a Ray cluster: plain tasks that read and write files in a shared folder.

Ray tries a task again whose worker or node was lost; the driver is started again by its user, and goes on
with what is missing. The token is asked for on every connection, and no usage statistics are sent.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curation.engines.stages import Task, code_version, do_task
from tamiz.errors import EngineError
from tamiz.settings import RaySettings

__all__ = ["RayEngine", "ray_engine"]

TRIES = 5  # how often a task is tried again whose worker or node was lost
SECONDS_TO_ANSWER = 60  # of a node that is asked what it sees; its first worker has to start
SECONDS_TO_CONNECT = 10
SECONDS_BETWEEN_LOOKS = 10.0  # at the cluster, while no task ends
PLACES = "~/.ray/auth_token, RAY_AUTH_TOKEN_PATH or RAY_AUTH_TOKEN"
START = "RAY_AUTH_MODE=token ray start"


@dataclass(frozen=True, slots=True)
class RayEngine:
    """An engine on the cluster that this process is connected to; see `ray_engine`."""

    ray: Any  # the module: it is imported when it is needed

    def run(self, folder: Path, tasks: Sequence[Task]) -> Iterator[str]:
        remote = self.ray.remote(num_cpus=1, max_retries=TRIES, retry_exceptions=False)(do_task)
        carried = {task.carried: self.ray.put(task.carried) for task in tasks if task.carried}  # once, not with each
        waiting = {}
        for task in tasks:
            apart = (replace(task, carried=b""), carried[task.carried]) if task.carried else (task,)
            waiting[remote.options(name=task.function.__name__).remote(folder, *apart)] = task
        while waiting:
            done, _ = self.ray.wait(list(waiting), timeout=SECONDS_BETWEEN_LOOKS)
            for reference in done:
                yield self._result(reference, waiting.pop(reference))
            if not done:
                self._must_have_cpus()

    def _result(self, reference: Any, task: Task) -> str:
        errors = self.ray.exceptions
        try:
            file: str = self.ray.get(reference)
        except errors.RayTaskError as error:
            raise (error.cause if isinstance(error.cause, Exception) else error) from None
        except errors.OutOfMemoryError:
            raise EngineError(
                f"the task {task.function.__name__} needs more memory than a node has. Give smaller pieces: "
                "[curation.ray] shard_pairs; then run it again"
            ) from None
        except (errors.WorkerCrashedError, errors.NodeDiedError, errors.RaySystemError) as error:
            first = str(error).strip().splitlines()[0]
            raise EngineError(
                f"the task {task.function.__name__} lost its worker {TRIES + 1} times ({first}). Look at the nodes "
                "with: ray status; then run it again, it goes on with what is missing"
            ) from None
        return file

    def _must_have_cpus(self) -> None:
        if not self.ray.cluster_resources().get("CPU"):
            raise EngineError(
                f"the cluster has no processor left. Add a node with: {START} --address=HEAD:6379; then run it again, "
                "it goes on with what is missing"
            )

    def check(self, folder: Path) -> None:
        """Ask every node whether it runs the same tamiz, asks for the token and sees the folder."""
        marker = folder / f"seen-{secrets.token_hex(8)}"
        folder.mkdir(parents=True, exist_ok=True)
        marker.touch()
        try:
            for name, found in self._asked(marker).items():
                _refuse(name, found, folder)
        finally:
            marker.unlink()

    def _asked(self, marker: Path) -> dict[str, dict[str, Any]]:
        affinity = self.ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
        asked = {}
        for node in self.ray.nodes():
            if node["Alive"] and node["Resources"].get("CPU"):
                strategy = affinity(node["NodeID"], soft=False)
                remote = self.ray.remote(num_cpus=1, max_retries=0, scheduling_strategy=strategy)(_probe())
                asked[f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})"] = remote.remote(str(marker))
        if not asked:
            self._must_have_cpus()
        answers = {}
        for name, reference in asked.items():
            try:
                answers[name] = self.ray.get(reference, timeout=SECONDS_TO_ANSWER)
            except self.ray.exceptions.RayError as error:
                first = str(error).strip().splitlines()[0]
                raise EngineError(
                    f"the node {name} does not answer ({first}). Look at it with: ray status; stop it, or wait for it"
                ) from None
        return answers


def _probe() -> Any:
    """A function that a node can run without having tamiz: it is sent with all it needs."""

    def probe(marker: str) -> dict[str, Any]:
        import importlib
        import time
        from pathlib import Path

        found: dict[str, Any] = {"seen": False, "code": ""}
        raylet = importlib.import_module("ray._raylet")  # has no types
        found["token"] = raylet.get_authentication_mode() == raylet.AuthenticationMode.TOKEN
        try:
            from curation.engines.stages import code_version

            found["code"] = code_version()
        except ImportError as error:
            found["missing"] = str(error)
        for _ in range(50):  # a network file system may show a new file late
            if Path(marker).exists():
                return found | {"seen": True}
            next(Path(marker).parent.glob("*"), None)
            time.sleep(0.2)
        return found

    return probe


def _refuse(name: str, found: dict[str, Any], folder: Path) -> None:
    if not found["token"]:
        raise EngineError(
            f"the node {name} asks nobody for a token: whoever reaches it can run code on it. "
            f"Stop the cluster and start every node with: {START}"
        )
    if not found["code"]:
        raise EngineError(
            f"the node {name} has no tamiz ({found['missing']}). "
            "Run there, in the environment that Ray runs in: pip install 'tamiz[curate,ray]'"
        )
    if found["code"] != code_version():
        raise EngineError(
            f"the node {name} has another version of tamiz or numpy than this machine. Install the same ones there"
        )
    if not found["seen"]:
        raise EngineError(
            f"the node {name} does not see {folder}. Mount the same folder there under the same path, "
            "or name one that all nodes share: [curation.ray] folder"
        )


@contextmanager
def ray_engine(settings: RaySettings, folder: Path) -> Iterator[RayEngine]:
    """Connect to the cluster, for work in a folder that all its nodes share; EngineError says what is wrong."""
    _set_environment(settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray's own, about its future
        import ray
        import ray.util.scheduling_strategies
    if ray.is_initialized():
        raise EngineError("this process is connected to a Ray cluster already. Call ray.shutdown() first")
    with redirect_stdout(sys.stderr):  # where Ray tells of lost workers; standard output is for results
        _connect(ray, settings)
        try:
            engine = RayEngine(ray)
            engine.check(folder)
            yield engine
        finally:
            ray.shutdown()


def _set_environment(settings: RaySettings) -> None:
    """Ray takes these from the environment, when it is imported."""
    os.environ["RAY_AUTH_MODE"] = "token"
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # its future, which it announces
    if settings.token_file:
        path = Path(settings.token_file).expanduser()
        if not path.is_file():
            raise EngineError(
                f"[curation.ray] token_file {path} is not there. Copy the cluster's token to it, or make one for a new "
                f"cluster: umask 077; openssl rand -hex 32 > {path}"
            )
        os.environ["RAY_AUTH_TOKEN_PATH"] = str(path)
        os.environ.pop("RAY_AUTH_TOKEN", None)
    elif settings.address == "local":
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # once: Ray remembers it
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # makes Ray listen on the loopback address alone


def _connect(ray: Any, settings: RaySettings) -> None:
    address = settings.address or os.environ.get("RAY_ADDRESS") or "auto"
    options: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
    try:
        if ":" in address:  # where nobody listens Ray would try for many minutes
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), timeout=SECONDS_TO_CONNECT).close()
        ray.init(address=address, logging_level="error", log_to_driver=False, configure_logging=True, **options)
    except ray.exceptions.AuthenticationError:
        raise EngineError(
            f"there is no token for the Ray cluster at {address}. Put the cluster's token into [curation.ray] "
            f"token_file, or into {PLACES}"
        ) from None
    except (OSError, RuntimeError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        if address == "local":
            raise EngineError(
                f"Ray does not start on this machine ({first}). Look into /tmp/ray/session_latest/logs"
            ) from None
        raise EngineError(
            f"no Ray cluster answers at {address} from {socket.gethostname()} ({first}). Check that this machine is a "
            f"node of it ({START} --address=HEAD:6379, with --num-cpus=0 if it shall not work) and has the cluster's "
            f"token ({PLACES})"
        ) from None
