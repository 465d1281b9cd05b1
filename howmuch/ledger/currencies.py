"""The active currencies of ISO 4217 that have a minor unit, and its number of digits."""

from collections.abc import Mapping
from types import MappingProxyType

from howmuch.errors import invalid

# Source: ISO 4217, list one. Precious metals, XDR, XSU, XUA, XTS and XXX have no minor unit, so no
# amount in them can be written, and are left out. So are withdrawn codes, such as BGN since 2026.
_CODES_BY_DIGITS: dict[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
        CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
        GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK
        LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
        NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
        SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST
        XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

CURRENCIES: Mapping[str, int] = MappingProxyType(
    {
        code: digits
        for digits, codes in sorted(_CODES_BY_DIGITS.items())
        for code in sorted(codes.split())
    }
)
"""Currency code to the number of fraction digits of an amount in it (0, 2, 3 or 4)."""


def minor_digits(currency_code: str, field: str = "currency_code") -> int:
    """Number of fraction digits of an amount in this currency: EUR 2, JPY 0, KWD 3.

    field: the request field that carries the code, for the error.
    Raises InvalidArgument CURRENCY_UNKNOWN unless the code is an active one, in capitals.
    """
    digits = CURRENCIES.get(currency_code)
    if digits is None:
        raise invalid(
            field,
            "CURRENCY_UNKNOWN",
            f"{currency_code[:40]!r} is not an active ISO 4217 currency code, "
            "three capital letters such as 'EUR'.",
        )
    return digits
