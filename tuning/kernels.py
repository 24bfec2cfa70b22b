"""Faster kernels where they are installed and the model runs on CUDA: flash attention and Liger.

Neither is asked of anybody: without them the same training runs on torch's own. What was put in is told in the run
card. They were written against their documented interfaces and have not been run here, for want of a GPU.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import torch

__all__ = ["put_in_kernels"]

HALF = (torch.bfloat16, torch.float16)  # flash attention takes no other type


def put_in_kernels(model: Any, device: torch.device) -> tuple[str, ...]:
    """Give the model what this machine has for it; the names of what was put in."""
    if device.type != "cuda":
        return ()
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    names = []
    if find_spec("flash_attn") is not None and base.dtype in HALF and getattr(base, "_supports_flash_attn", False):
        base.set_attn_implementation("flash_attention_2")  # packed rows then cost what their pairs cost alone
        names.append("flash attention")
    if find_spec("liger_kernel") is not None:
        from transformers.integrations.liger import apply_liger_kernel

        # Their losses stay out: ours scores learnt tokens alone.
        apply_liger_kernel(base, {"cross_entropy": False, "fused_linear_cross_entropy": False})  # type: ignore[no-untyped-call]
        names.append("liger")
    return tuple(names)
