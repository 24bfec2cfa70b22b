"""`tamiz review`: the app as a process of its own, on a free port, until Ctrl-C."""

from __future__ import annotations

import ipaddress
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import click

from tamiz.errors import MissingExtra, SettingsError, TamizError
from tamiz.people import people
from tamiz.project import Project
from tamiz.store import Store
from tamiz.wording import plural

__all__ = ["check_open", "check_port", "command", "launch", "told_when_open"]

APP = Path(__file__).with_name("serve.py")
START_SECONDS = 60.0
STOP_SECONDS = 10.0


def launch(project: Project, *, host: str | None = None, port: int | None = None) -> int:
    """Serve the review app of this project until Ctrl-C; the exit code, 0 when it was ended so.

    `host` and `port` come before those of [review]. SettingsError when the port is taken, or when others could
    reach a project without people.
    """
    if find_spec("streamlit") is None:
        raise MissingExtra("The review app", "review", "streamlit")
    host = host or project.settings.review.host
    port = port or project.settings.review.port
    found = check_open(project, host)
    base = urlsplit(project.settings.review.address).path.rstrip("/")
    check_port(host, port)
    with _asked_to_stop(), _running(command(project, host, port), project.folder) as child:
        try:
            _wait_until_it_answers(child, f"{_address(host, port)}{base}/_stcore/health")
            if _is_reached(project, host):
                click.echo(told_when_open(project, host, found), err=True)
            where = project.settings.review.address or _address(host, port)
            click.echo(f"Review {project.settings.project.name} at {where} (Ctrl-C ends it)")
            return child.wait()
        except KeyboardInterrupt:
            click.echo("\nThe review app has ended; every decision is kept. Go on with: tamiz export")
            return 0


def check_open(project: Project, host: str) -> int:
    """How many people the project has; SettingsError when others could reach a project that has none."""
    with Store.open(project.store_url, vault=project.vault) as store:
        found = len(people(store))
    if found or not _is_reached(project, host):
        return found
    reason = f"{host} is open to others" if not _is_loopback(host) else "[review] address lets others in"
    raise SettingsError(
        f"{reason}, and this project has no people: whoever reached it could decide and delete. Add an admin first, "
        f"then the others: tamiz --project {shlex.quote(str(project.folder))} people add NAME --role admin"
    )


def _is_reached(project: Project, host: str) -> bool:
    return not _is_loopback(host) or bool(project.settings.review.address)


def told_when_open(project: Project, host: str, found: int) -> str:
    """Who can come in, and what to do where what they send can be read on its way."""
    where = project.settings.review.address or host
    said = f"{where} is open to others: {plural(found, 'person', 'people')} can sign in (tamiz people list)."
    if not where.startswith("https://"):
        said += " Names, PINs and pairs travel unencrypted: put it behind HTTPS, see docs/how-to/team.md."
    return said


def check_port(host: str, port: int) -> None:
    """SettingsError when nothing can listen there, with how to choose another place."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: TIME_WAIT is no hindrance
            probe.bind(place)
    except OSError as error:
        raise SettingsError(
            f"port {port} on {host} cannot be used ({error.strerror}). "
            "Choose another with [review] port in tamiz.toml, or: tamiz review --port NUMBER"
        ) from None


def command(project: Project, host: str, port: int) -> list[str]:
    """How the app is started: no browser, no usage statistics, and on loopback only for the names that are ours."""
    options = {
        "server.address": host,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "browser.serverAddress": "localhost",  # or Streamlit asks a host of elsewhere what its own address is
        "logger.level": "warning",
        "global.disableWidgetStateDuplicationWarning": "true",  # meant so, see ui.widgets.pair_form
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "type",
        "theme.light.primaryColor": "#2c7a5a",  # one for each ground: a single one would end the dark screens
        "theme.dark.primaryColor": "#2c8260",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    names = ["localhost", "127.0.0.1", "[::1]"] if _is_loopback(host) else []
    address = urlsplit(project.settings.review.address)
    if address.hostname:  # the proxy may pass on the name it was asked for, or its own
        arguments += [f"--server.corsAllowedOrigins={address.scheme}://{address.netloc}"]
        names += [f"[{address.hostname}]" if ":" in address.hostname else address.hostname] if names else []
        if address.path.strip("/"):
            arguments += [f"--server.baseUrlPath={address.path.strip('/')}"]
    # a foreign page cannot reach the app under a name of its own
    arguments += [f"--server.allowedHosts={name}" for name in names]
    python = [sys.executable, "-P", "-m", "streamlit", "run", str(APP)]  # -P: no module of the project's folder
    return [*python, *arguments, "--", "--project", str(project.folder)]


@contextmanager
def _running(arguments: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(arguments, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def _asked_to_stop() -> Iterator[None]:
    """Take a SIGTERM for a Ctrl-C, so that the child never stays behind."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _wait_until_it_answers(child: subprocess.Popen[bytes], url: str) -> None:
    opener = build_opener(ProxyHandler({}))
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if child.poll() is not None:
            raise TamizError(f"the review app ended at once with code {child.returncode}; see what it said above")
        try:
            opener.open(url, timeout=1).close()
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise TamizError(f"the review app did not answer within {START_SECONDS:.0f} s; run the command again")


def _address(host: str, port: int) -> str:
    shown = "localhost" if host in ("", "0.0.0.0", "::") else host  # noqa: S104
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
