"""Third-party progress bars and hints kept off the user's terminal, for as long as a block lasts."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from logging import ERROR

from transformers.utils import logging

__all__ = ["quiet_libraries"]


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """No bars and no advice from transformers, peft and FSDP2; errors still come through. Blocks may be nested.

    with quiet_libraries():
        AutoModelForCausalLM.from_pretrained(folder)
    """
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(ERROR)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            # peft asks transformers through a name that transformers is retiring.
            warnings.filterwarnings(
                "ignore", message="`is_gradient_checkpointing` is deprecated", category=FutureWarning
            )
            # Advice that does not fit: `onto_base` makes plain updates of these, and EVA's memory is no matter here.
            warnings.filterwarnings("ignore", message="Using Rank-Stabilized LoRA with rank_pattern")
            warnings.filterwarnings("ignore", message="lora with eva initialization used with low_cpu_mem_usage=False")
            # GPT-2's last step is a view; nothing here changes what a model gives in place, which is what it warns of.
            warnings.filterwarnings("ignore", message=r"FSDP2-wrapped module \(FSDP\w+\) returned a view tensor")
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
