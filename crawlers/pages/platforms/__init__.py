"""The forum platforms: how each marks up a thread, and the reading of a thread from that markup."""

from crawlers.pages.platforms.platform import Platform, class_path
from crawlers.pages.platforms.thread import PLATFORMS, find_thread, noise_path
from crawlers.pages.thread_wording import without_signature

__all__ = ["PLATFORMS", "Platform", "class_path", "find_thread", "noise_path", "without_signature"]
