"""Pure page readers: text in, question/answer pairs out. No network, no Scrapy, no rules for single sites."""

from crawlers.pages.decode import decode
from crawlers.pages.faq import read_faq
from crawlers.pages.forum import read_thread
from crawlers.pages.found import Block, FoundPair, Reading
from crawlers.pages.interfaces import read_json
from crawlers.pages.page import read_page

__all__ = ["Block", "FoundPair", "Reading", "decode", "read_faq", "read_json", "read_page", "read_thread"]
