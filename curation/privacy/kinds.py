"""The kinds of personal data that are looked for, and how much harm each does when it gets out.

high    opens an account, spends money, or names one person for good: it cannot be changed, or costs much
medium  reaches or finds one person, and can be changed or is known to some already
low     says something about one person only to somebody who has other records too
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["KINDS", "RISKS", "RISK_ORDER", "Kind", "Risk", "at_least_risk"]

Risk = Literal["low", "medium", "high"]
RISK_ORDER: tuple[Risk, ...] = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of personal data; its mask is <NAME_1>. `checksum`: recognised by its check digits."""

    name: str
    risk: Risk
    about: str
    checksum: bool = False

    @property
    def mask(self) -> str:
        return self.name.upper()


_ALL = (
    Kind("email", "medium", "E-mail addresses, also written as words (ana arroba ejemplo punto com)."),
    Kind("phone", "medium", "Telephone numbers of people; not emergency, free or premium-rate numbers."),
    Kind("name", "medium", "Names of private people in greetings, signatures and introductions."),
    Kind("address", "medium", "Postal addresses, with what belongs to them (flat, postcode, town)."),
    Kind("dni", "high", "Spanish DNI, NIE and personal NIF.", checksum=True),
    Kind("cif", "low", "Spanish tax numbers of companies (CIF).", checksum=True),
    Kind("curp", "high", "Mexican CURP.", checksum=True),
    Kind("rfc", "high", "Mexican RFC.", checksum=True),
    Kind("cuit", "high", "Argentine CUIT and CUIL.", checksum=True),
    Kind("rut", "high", "Chilean RUT and RUN.", checksum=True),
    Kind("cpf", "high", "Brazilian CPF.", checksum=True),
    Kind("nit", "medium", "Colombian NIT.", checksum=True),
    Kind("id_number", "high", "Identity and tax numbers beside the word for them (cédula, DNI), without check digits."),
    Kind("ssn", "high", "Social security numbers: US SSN and ITIN, Spanish NSS, British NINO."),
    Kind("passport", "high", "Passport and driving licence numbers beside the word for them."),
    Kind("birth_date", "medium", "Dates of birth beside the word for them."),
    Kind("iban", "high", "International bank account numbers.", checksum=True),
    Kind(
        "bank_account", "high", "National bank accounts: CCC, CLABE, CBU; account and card numbers beside their word."
    ),
    Kind("card", "high", "Credit and debit card numbers.", checksum=True),
    Kind("ip", "low", "Public IP addresses of single machines; not private, well-known or documentation ones."),
    Kind("mac", "low", "MAC addresses of single devices."),
    Kind("imei", "medium", "IMEI numbers of telephones.", checksum=True),
    Kind("plate", "medium", "Vehicle number plates beside a word for the vehicle."),
    Kind("reference", "low", "Numbers of orders, customers, contracts, invoices and tickets beside the word for them."),
    Kind("password", "high", "Passwords and PINs beside the word for them; not the well-known factory ones."),
    Kind("secret", "high", "API keys, tokens and session secrets."),
    Kind("private_key", "high", "Private keys in PEM form."),
    Kind("credentials", "high", "User and password inside an address (https://user:password@host)."),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
RISKS: dict[str, Risk] = {kind.name: kind.risk for kind in _ALL}


def at_least_risk(risk: Risk) -> frozenset[str]:
    """The names of the kinds whose risk is this one or higher.

    >>> "email" in at_least_risk("medium"), "email" in at_least_risk("high")
    (True, False)
    """
    least = RISK_ORDER.index(risk)
    return frozenset(name for name, its in RISKS.items() if RISK_ORDER.index(its) >= least)
