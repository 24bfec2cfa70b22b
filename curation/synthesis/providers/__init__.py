"""Who is asked: a server that speaks OpenAI's chat API, a model in this process, or nobody (for trying out)."""

from curation.synthesis.providers.contract import Busy, Provider, Refused, Reply, Trouble, Unreachable, WrongServer
from curation.synthesis.providers.find import find_provider

__all__ = ["Busy", "Provider", "Refused", "Reply", "Trouble", "Unreachable", "WrongServer", "find_provider"]
