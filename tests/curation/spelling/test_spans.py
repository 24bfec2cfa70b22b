"""What spelling leaves alone because of how it is written."""

from __future__ import annotations

import pytest

from curation.spelling.spans import protected


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("Entra en mi.lumbrefibra.example y pulsa", ["mi.lumbrefibra.example"], id="host of any ending"),
        pytest.param("Usa mi-cuenta.example", ["mi-cuenta.example"], id="host with a hyphen"),
        pytest.param("import os.path", ["os.path"], id="module"),
        pytest.param("Abra `conf` y use --force en /etc/hosts", ["`conf`", "--force", "/etc/hosts"], id="code"),
        pytest.param("Termina aqui. Luego sigue", [], id="end of a sentence"),
    ],
)
def test_what_is_written_like_no_word_is_protected(text, kept):
    assert [text[start:end] for start, end in protected(text)] == kept


def test_a_megabyte_of_hosts_is_read_in_seconds():
    """Linear: a pattern that began anew at every letter would take hours."""
    assert protected("a.b" * 300_000)
