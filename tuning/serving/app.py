"""The server's addresses: OpenAI's chat completions and models, and its health."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tamiz.settings import ServingSettings
from tuning.positions import positions_of
from tuning.serving.asking import Ask, Piece, Told
from tuning.serving.bases import Speaker
from tuning.serving.engine import Busy, Engine
from tuning.serving.guard import Guard
from tuning.serving.prompting import prompt_of
from tuning.serving.replies import chunks, failure, whole
from tuning.serving.requests import ApiError, ChatRequest, read_chat
from tuning.serving.routing import AUTO, Routing

__all__ = ["Served", "make_app"]

BODY_SECONDS = 30.0  # a request that dribbles in slower than this is given up
RETRY_SECONDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What the server answers with. `language` tells a question's language, for models without a chat template."""

    speakers: Mapping[str, Speaker]
    engine: Engine
    settings: ServingSettings
    language: Callable[[str], str]
    routing: Routing | None = None
    key: str = field(default="", repr=False)
    started: int = field(default_factory=lambda: int(time.time()))

    @property
    def names(self) -> list[str]:
        return [*self.speakers, *([AUTO] if self.routing else [])]


def make_app(served: Served) -> Starlette:
    """The application; its engine starts and ends with it."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        served.engine.start()
        yield
        await run_in_threadpool(served.engine.close)

    def route(path: str, answer: Callable[[Served, Request], Any], method: str) -> Route:
        async def endpoint(request: Request) -> Response:
            response: Response = await answer(served, request)
            return response

        return Route(path, endpoint, methods=[method])

    origins = served.settings.origins
    allowed = Middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"])
    return Starlette(
        routes=[
            route("/v1/chat/completions", _complete, "POST"),
            route("/v1/models", _models, "GET"),
            route("/v1/models/{name:path}", _model, "GET"),
            route("/health", _health, "GET"),
        ],
        middleware=[Middleware(Guard, key=served.key, origins=origins), *([allowed] if origins else [])],
        exception_handlers={ApiError: _refuse, HTTPException: _refuse_address},
        lifespan=lifespan,
    )


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    headers = {"Retry-After": str(RETRY_SECONDS)} if error.status == 429 else {}
    return JSONResponse(error.body, error.status, headers)


async def _refuse_address(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    there = "; there are /v1/chat/completions, /v1/models and /health" if error.status_code == 404 else ""
    message = f"{request.method} {request.url.path[:200]}: {error.detail}{there}"
    return JSONResponse(ApiError(error.status_code, message).body, error.status_code, error.headers)


async def _health(served: Served, _: Request) -> Response:
    answering, waiting = served.engine.load
    well = served.engine.alive
    about = {"status": "ok" if well else "failed", "answering": answering, "waiting": waiting}
    return JSONResponse(about, 200 if well else 503)


async def _models(served: Served, _: Request) -> Response:
    return JSONResponse({"object": "list", "data": [_about(served, name) for name in served.names]})


async def _model(served: Served, request: Request) -> Response:
    name = request.path_params["name"]
    if name not in served.names:
        raise _no_model(served, name)
    return JSONResponse(_about(served, name))


def _about(served: Served, name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": served.started, "owned_by": "tamiz"}


def _no_model(served: Served, name: str) -> ApiError:
    there = ", ".join(served.names)
    return ApiError(
        404, f"there is no model {name[:100]!r} (there are: {there})", code="model_not_found", param="model"
    )


async def _complete(served: Served, request: Request) -> Response:
    if request.headers.get("content-type", "").split(";")[0].strip().casefold() != "application/json":
        raise ApiError(415, "send the request as application/json")
    body = await _body(request, served.settings.max_request_kb * 1024)
    chat = await run_in_threadpool(read_chat, body)
    speaker = await _speaker(served, chat)
    told: asyncio.Queue[Told] = asyncio.Queue()
    ask = await run_in_threadpool(_ask, served, chat, speaker, _teller(told))
    try:
        served.engine.submit(ask)
    except Busy as error:
        raise ApiError(429, f"{error}; ask again later", kind="rate_limit_error", code="rate_limit_exceeded") from None
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": speaker.name}
    if chat.stream:
        pieces = chunks(told, ask, head, chat.with_usage)
        return StreamingResponse(pieces, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
    return await whole(request, told, ask, head)


async def _body(request: Request, most: int) -> bytes:
    """The request's body; ApiError for one that is too large or takes too long to come."""
    too_large = ApiError(413, f"the request is larger than {most // 1024} KiB", code="request_too_large")
    stated = request.headers.get("content-length", "0")
    if not stated.isdigit() or int(stated[:12]) > most:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > most:
                    raise too_large
    except TimeoutError:
        raise ApiError(408, f"the request did not come within {BODY_SECONDS:.0f} seconds") from None
    return bytes(body)


async def _speaker(served: Served, chat: ChatRequest) -> Speaker:
    """The speaker that is named, or that the classifier chooses."""
    if chat.model == AUTO and served.routing is not None:
        told: asyncio.Queue[Told] = asyncio.Queue()
        ask = Ask(speaker=served.routing.router, tell=_teller(told), text=chat.question)
        try:
            served.engine.submit(ask)
        except Busy as error:
            raise ApiError(429, str(error), kind="rate_limit_error", code="rate_limit_exceeded") from None
        label = await told.get()
        if not isinstance(label, Piece):
            raise failure(label)
        return served.speakers[served.routing.chosen(label.text)]
    if chat.model not in served.speakers:
        raise _no_model(served, chat.model)
    return served.speakers[chat.model]


def _ask(served: Served, chat: ChatRequest, speaker: Speaker, tell: Callable[[Told], None]) -> Ask:
    """What the engine is asked. ApiError for what is longer than the limits."""
    if speaker.labels:
        return Ask(speaker=speaker, tell=tell, text=chat.question)
    settings, room = served.settings, positions_of(speaker.base.model)
    if chat.most is not None and chat.most > settings.max_answer_tokens:
        given = f"{chat.most} tokens are asked for, and {settings.max_answer_tokens} are the most an answer may have"
        raise ApiError(400, given, code="invalid_value", param="max_tokens")
    usual = int(speaker.card.settings.get("max_new_tokens", 120))
    most = chat.most or min(usual, settings.max_answer_tokens)
    longest = min(settings.max_prompt_tokens, room - 1)
    prompt = prompt_of(chat, speaker, served.language, most=longest, room=room)
    return Ask(
        speaker=speaker,
        tell=tell,
        prompt=prompt,
        most=min(most, room - len(prompt)),
        temperature=chat.temperature,
        top_p=chat.top_p,
        seed=chat.seed,
        stops=chat.stops,
    )


def _teller(told: asyncio.Queue[Told]) -> Callable[[Told], None]:
    """A way for the engine's thread to tell this request's event loop; a loop that has ended is told nothing."""
    loop = asyncio.get_running_loop()

    def tell(what: Told) -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(told.put_nowait, what)

    return tell
