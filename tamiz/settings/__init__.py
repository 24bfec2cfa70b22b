"""tamiz.toml as typed, checked settings. Every key has its default and its meaning here, once.

The reference in docs/ and the template of `tamiz init` are made from these classes.
"""

from __future__ import annotations

from tamiz.settings.curation import CurationSettings, RaySettings, RuleSettings
from tamiz.settings.judge import JudgeSettings
from tamiz.settings.project import EXPORT_FORMATS, ExportSettings, ProjectSettings, ReviewSettings, StoreSettings
from tamiz.settings.reading import Settings, read_settings
from tamiz.settings.serving import ServingSettings
from tamiz.settings.sources import CrawlSettings, SourceSettings, source_name
from tamiz.settings.steps import (
    KEEP_POLICIES,
    PERSONAL_KINDS,
    CleanSettings,
    ForumLengthSettings,
    LanguageSettings,
    LengthSettings,
    MeaningSettings,
    NearSettings,
    PrivacySettings,
    QualitySettings,
    SpellingSettings,
)
from tamiz.settings.synthesis import PriceSettings, SynthesisSettings
from tamiz.settings.tuning import LoraSettings, TuningSettings

__all__ = [
    "EXPORT_FORMATS",
    "KEEP_POLICIES",
    "PERSONAL_KINDS",
    "CleanSettings",
    "CrawlSettings",
    "CurationSettings",
    "ExportSettings",
    "ForumLengthSettings",
    "JudgeSettings",
    "LanguageSettings",
    "LengthSettings",
    "LoraSettings",
    "MeaningSettings",
    "NearSettings",
    "PriceSettings",
    "PrivacySettings",
    "ProjectSettings",
    "QualitySettings",
    "RaySettings",
    "ReviewSettings",
    "RuleSettings",
    "ServingSettings",
    "Settings",
    "SourceSettings",
    "SpellingSettings",
    "StoreSettings",
    "SynthesisSettings",
    "TuningSettings",
    "read_settings",
    "source_name",
]
