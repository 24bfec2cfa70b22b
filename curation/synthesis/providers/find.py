"""The provider that the settings name."""

from __future__ import annotations

from curation.synthesis.providers.contract import Provider
from tamiz.settings.synthesis import SynthesisSettings

__all__ = ["find_provider"]


def find_provider(settings: SynthesisSettings) -> Provider:
    """Nothing is asked or loaded yet; SettingsError or MissingExtra where it cannot be."""
    if settings.provider == "deterministic":
        from curation.synthesis.providers.deterministic import DeterministicProvider

        return DeterministicProvider()
    if settings.provider == "transformers":
        from curation.synthesis.providers.in_process import TransformersProvider

        return TransformersProvider(settings)
    from curation.synthesis.providers.compatible import CompatibleProvider

    return CompatibleProvider(settings)
