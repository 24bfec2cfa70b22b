"""Answers word by word: greedy, always the most likely next token, until the model ends or the limit is reached.

No sampling and no penalty on repeated words, so that base and adapter are judged on what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

__all__ = ["answer_batch", "answer_stream", "stop_ids"]


def stop_ids(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end an answer: the tokenizer's, and those that the model's makers name."""
    config = getattr(model, "generation_config", None)
    named = getattr(config, "eos_token_id", None)
    more = [] if named is None else [named] if isinstance(named, int) else list(named)
    return sorted({tokenizer.eos_token_id, *more})


@torch.no_grad()
def answer_batch(model: Any, tokenizer: Any, prompts: Sequence[Sequence[int]], *, max_new_tokens: int) -> list[str]:
    """The answers to several encoded prompts at once, padded on the left."""
    longest = max(len(prompt) for prompt in prompts)
    pad = tokenizer.pad_token_id
    ids = torch.tensor([[*[pad] * (longest - len(prompt)), *prompt] for prompt in prompts], device=model.device)
    lengths = torch.tensor([len(prompt) for prompt in prompts], device=model.device)
    mask = (torch.arange(longest, device=model.device) >= longest - lengths[:, None]).long()
    made = model.generate(
        input_ids=ids,
        attention_mask=mask,
        do_sample=False,
        num_beams=1,
        top_k=None,
        top_p=None,
        temperature=None,
        repetition_penalty=1.0,
        max_new_tokens=max_new_tokens,
        pad_token_id=pad,
        eos_token_id=stop_ids(model, tokenizer),
        use_cache=True,
    )
    texts: list[str] = tokenizer.batch_decode(made[:, longest:], skip_special_tokens=True)
    return [text.strip() for text in texts]


@torch.no_grad()
def answer_stream(model: Any, tokenizer: Any, prompt: Sequence[int], *, max_new_tokens: int) -> Iterator[str]:
    """The same answer to one prompt, in pieces as they are made."""
    stops = set(stop_ids(model, tokenizer))
    step = torch.tensor([list(prompt)], device=model.device)
    cache, made, shown = None, [], ""
    for _ in range(max_new_tokens):
        seen = model(input_ids=step, past_key_values=cache, use_cache=True, logits_to_keep=1)
        token = int(seen.logits[0, -1].argmax())
        if token in stops:
            break
        cache, step = seen.past_key_values, torch.tensor([[token]], device=model.device)
        made.append(token)
        text = tokenizer.decode(made, skip_special_tokens=True).lstrip()
        if text.startswith(shown) and not text.endswith("\ufffd"):  # half a character waits for its other bytes
            yield text[len(shown) :]
            shown = text
    rest = tokenizer.decode(made, skip_special_tokens=True).strip()
    if rest.startswith(shown) and rest != shown:
        yield rest[len(shown) :]
