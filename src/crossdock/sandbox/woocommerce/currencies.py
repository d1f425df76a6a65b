"""Own the currencies that the store knows: the codes it accepts and the signs it shows."""

CODES = frozenset(
    {
        *("AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN"),
        *("BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTC", "BTN", "BWP", "BYR", "BYN", "BZD", "CAD"),
        *("CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD"),
        *("EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GGP", "GHS", "GIP", "GMD", "GNF", "GTQ"),
        *("GYD", "HKD", "HNL", "HRK", "HTG", "HUF", "IDR", "ILS", "IMP", "INR", "IQD", "IRR", "IRT", "ISK"),
        *("JEP", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK"),
        *("LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR"),
        *("MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN"),
        *("PGK", "PHP", "PKR", "PLN", "PRB", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR"),
        *("SDG", "SEK", "SGD", "SHP", "SLL", "SOS", "SRD", "SSP", "STN", "SYP", "SZL", "THB", "TJS", "TMT"),
        *("TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VEF", "VES", "VND"),
        *("VUV", "WST", "XAF", "XCD", "XOF", "XPF", "YER", "ZAR", "ZMW"),
    },
)

_SIGNS = (
    *("USD $", "CAD $", "AUD $", "NZD $", "HKD $", "MXN $", "SGD $", "CLP $", "COP $", "ARS $", "EUR €", "GBP £"),
    *("JPY ¥", "CNY ¥", "TRY ₺", "INR ₹", "KRW ₩", "UAH ₴", "ILS ₪", "PLN zł", "CZK Kč", "SEK kr", "NOK kr"),
    *("DKK kr.", "HUF Ft", "RON lei", "BRL R$", "ZAR R", "RUB ₽", "VND ₫", "THB ฿", "PHP ₱", "NGN ₦", "IDR Rp"),
    *("MYR RM", "TWD NT$", "PEN S/", "ISK kr.", "KZT ₸", "KWD د.ك"),
)
_SYMBOLS: dict[str, str] = {code: sign for code, _, sign in (text.partition(" ") for text in _SIGNS)}


def symbol_of(code: str) -> str:
    """Return a currency's sign, or its code where it has none of its own."""
    return _SYMBOLS.get(code, code)
