"""Names to addresses, refusing those that lie inside: the check is on the address really dialled."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

__all__ = ["PublicResolver", "is_metadata", "is_public", "refused_hosts"]

# Hosts with an address that was refused, for the reason a person reads. One process crawls one source.
refused_hosts: set[str] = set()

# Ranges that ipaddress counts as global: site-local (RFC 3879) and local NAT64 (RFC 8215) are for private use,
# 192.88.99.0/24 was the way to 6to4 relays (RFC 7526), 3fff::/20 is for examples, 5f00::/16 for segment routing.
_INNER = tuple(
    ipaddress.ip_network(text) for text in ("fec0::/10", "64:ff9b:1::/48", "192.88.99.0/24", "3fff::/20", "5f00::/16")
)
_NAT64 = tuple(ipaddress.IPv6Network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/96", "::/96", "::ffff:0:0:0/96"))

# Where clouds answer a machine with its own keys. Azure's lies among the public addresses, Alibaba's in a range
# that private networks use as well; link-local ones are all refused.
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254")
)

IP = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: str) -> bool:
    """Whether anyone on the internet would reach the same machine at this address.

    >>> is_public("127.0.0.1"), is_public("::ffff:10.0.0.1"), is_public("93.184.216.34")
    (False, False, True)
    """
    return all(_is_global(ip) for ip in _meant(address)) and bool(_meant(address)) and not is_metadata(address)


def is_metadata(address: str) -> bool:
    """Whether this may be where a cloud keeps its machines' keys: no source is allowed to reach it.

    >>> is_metadata("169.254.169.254"), is_metadata("::ffff:169.254.169.254"), is_metadata("127.0.0.1")
    (True, True, False)
    """
    return any(ip in _METADATA or ip.is_link_local for ip in _meant(address))


def _meant(address: str) -> tuple[IP, ...]:
    """The address, and the IPv4 address that an IPv6 one leads to; empty for none at all."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ()
    if isinstance(ip, ipaddress.IPv4Address):
        return (ip,)
    inside = ip.ipv4_mapped or ip.sixtofour or _in_nat64(ip) or (ip.teredo[1] if ip.teredo else None)
    return (ip,) if inside is None else (ip, inside)


def _is_global(ip: IP) -> bool:
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        return True  # what it leads to decides
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _INNER)


def _in_nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if any(ip in prefix for prefix in _NAT64) else None


@implementer(IResolutionReceiver)
class _Sieve:
    """Passes on the addresses that may be dialled."""

    def __init__(self, receiver: Any, host: str, *, private: bool) -> None:
        self._receiver = receiver
        self._host = host
        self._private = private

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        host = getattr(address, "host", "")
        if is_public(host) or (self._private and _meant(host) and not is_metadata(host)):
            self._receiver.addressResolved(address)
        else:
            refused_hosts.add(self._host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()


@implementer(IHostnameResolver)
class PublicResolver(CachingHostnameResolver):
    """Scrapy's resolver, through which IP literals pass as well, without addresses of this machine or network.

    The hosts in the setting PRIVATE_HOSTS may have such addresses; cloud metadata is for none.
    """

    private_hosts: Collection[str] = ()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        resolver: Self = super().from_crawler(crawler, reactor)
        resolver.private_hosts = frozenset(crawler.settings.getlist("PRIVATE_HOSTS"))
        return resolver

    def resolveHostName(  # noqa: N802
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        receiver: Any = _Sieve(resolutionReceiver, hostName, private=hostName in self.private_hosts)
        return super().resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)
