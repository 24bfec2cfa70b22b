"""The server in its process: a socket of its own, the adapters in memory, and an end that leaves no thread behind."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import closing, suppress

import uvicorn

from tamiz.errors import SettingsError
from tamiz.settings import ServingSettings, TuningSettings
from tuning.adapters import Adapter
from tuning.quiet import quiet_libraries
from tuning.serving.app import Served, make_app
from tuning.serving.bases import load_speakers
from tuning.serving.engine import Engine
from tuning.serving.guard import checked_key
from tuning.serving.routing import make_routing
from tuning.trust import NOTHING, Allowed

__all__ = ["make_served", "make_server", "open_socket", "serve"]

CONNECTIONS = 512  # at once; beyond them uvicorn answers 503 by itself
END_SECONDS = 5


def serve(
    adapters: Sequence[Adapter],
    settings: ServingSettings,
    *,
    device: str = "auto",
    untuned: TuningSettings | None = None,
    allowed: Allowed = NOTHING,
    language: Callable[[str], str] = lambda _: "en",
    ready: Callable[[str, Served], None] = lambda *_: None,
) -> None:
    """Serve the adapters until the process is told to end.

    `ready` is called with the address once requests are taken. SettingsError says why it cannot listen there.
    """
    key = checked_key(settings.host)
    with quiet_libraries(), closing(open_socket(settings.host, settings.port)) as listening:
        served = make_served(
            adapters, settings, key=key, device=device, untuned=untuned, allowed=allowed, language=language
        )
        host, port = listening.getsockname()[:2]
        ready(f"http://{f'[{host}]' if ':' in host else host}:{port}/v1", served)
        with suppress(KeyboardInterrupt):  # how a server is ended by hand; uvicorn has closed everything by then
            make_server(served).run(sockets=[listening])


def make_served(
    adapters: Sequence[Adapter],
    settings: ServingSettings,
    *,
    key: str = "",
    device: str = "auto",
    untuned: TuningSettings | None = None,
    allowed: Allowed = NOTHING,
    language: Callable[[str], str] = lambda _: "en",
) -> Served:
    """The adapters in memory with what answers for them."""
    speakers = load_speakers(adapters, device, untuned=untuned, allowed=allowed)
    return Served(
        speakers=speakers,
        engine=Engine(at_once=settings.at_once, waiting=settings.waiting),
        settings=settings,
        language=language,
        routing=make_routing(speakers, settings),
        key=key,
    )


def make_server(served: Served) -> uvicorn.Server:
    """A server that has not begun; it logs no requests, for they hold what people ask."""
    config = uvicorn.Config(
        make_app(served),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=END_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
    )
    return uvicorn.Server(config)


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket. SettingsError where the address is taken or not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise SettingsError(
            f"[serving] cannot listen on {host}:{port} ({error.strerror or error}). Give another: tamiz serve --port 0"
        ) from None
