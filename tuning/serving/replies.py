"""Answers on their way out: in one piece, or as server-sent events; given up when nobody listens any more."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from tuning.adapters import printable
from tuning.serving.asking import Ask, Ended, Failed, Piece, Told
from tuning.serving.requests import ApiError

__all__ = ["chunks", "failure", "whole"]


async def whole(request: Request, told: asyncio.Queue[Told], ask: Ask, head: Mapping[str, Any]) -> Response:
    """The answer in one piece; one whose asker hangs up is given up."""
    gone = asyncio.ensure_future(_hung_up(request))
    text: list[str] = []
    try:
        while True:
            next_told = asyncio.ensure_future(told.get())
            await asyncio.wait({next_told, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not next_told.done():
                next_told.cancel()
                raise ClientDisconnect
            what = next_told.result()
            if isinstance(what, Piece):
                text.append(printable(what.text))
            elif isinstance(what, Failed):
                raise failure(what)
            else:
                choice = {"index": 0, "message": {"role": "assistant", "content": "".join(text)}, "logprobs": None}
                choices = [{**choice, "finish_reason": what.reason}]
                usage = _usage(ask, what)
                return JSONResponse({**head, "object": "chat.completion", "choices": choices, "usage": usage})
    except ClientDisconnect:
        return Response(status_code=499)  # nobody reads it
    finally:
        ask.gone.set()
        gone.cancel()


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


async def chunks(told: asyncio.Queue[Told], ask: Ask, head: Mapping[str, Any], with_usage: bool) -> AsyncIterator[str]:
    """The answer as server-sent events; when the asker hangs up this generator is closed, and the answer ends."""
    usage = {"usage": None} if with_usage else {}
    chunk = functools.partial(_event, {**head, "object": "chat.completion.chunk", **usage})
    try:
        yield chunk({"role": "assistant", "content": ""}, None)
        while not isinstance(what := await told.get(), Ended):
            if isinstance(what, Failed):
                yield f"data: {json.dumps(failure(what).body)}\n\n"
                return
            yield chunk({"content": printable(what.text)}, None)
        yield chunk({}, what.reason)
        if with_usage:
            last = {**head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(ask, what)}
            yield f"data: {json.dumps(last)}\n\n"
        yield "data: [DONE]\n\n"
    finally:
        ask.gone.set()


def _event(head: Mapping[str, Any], delta: Mapping[str, str], reason: str | None) -> str:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return f"data: {json.dumps({**head, 'choices': [choice]})}\n\n"


def _usage(ask: Ask, ended: Ended) -> dict[str, int]:
    prompt = len(ask.prompt)
    return {"prompt_tokens": prompt, "completion_tokens": ended.tokens, "total_tokens": prompt + ended.tokens}


def failure(told: Told) -> ApiError:
    failed = told if isinstance(told, Failed) else Failed("the classifier told no label")
    return ApiError(failed.status, failed.message, kind="server_error")
