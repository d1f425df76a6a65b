"""E-mail addresses as WordPress takes them.

Owns the check and the written form. Must not know whose address it is, nor how one is compared.

Source: WordPress 6.8 `is_email`; the column of an account's address.
"""

from email_validator import EmailNotValidError, validate_email

from crossdock.domain.errors import UnmappableValueError

_LONGEST_EMAIL = 100
"""WordPress keeps an account's e-mail in a column of 100 characters."""
_HARMLESS_END = ".example"


def email_for_wordpress(text: str) -> str:
    """Check an address as WordPress does, and write its domain in ASCII; the part before the @ keeps its form.

    Raises:
        UnmappableValueError: `email_invalid` or `email_too_long`.
    """
    email = text.strip()
    domain = _ascii_domain(email)
    if "." not in domain or not all(c.isalnum() or c in "-." for c in domain):
        raise UnmappableValueError(
            "email_invalid", "WooCommerce does not accept this e-mail address. Correct it in the source store."
        )
    local, _, written = email.rpartition("@")
    email = email if written.isascii() else f"{local}@{domain}"
    if len(email) > _LONGEST_EMAIL:
        sentence = f"WooCommerce holds e-mail addresses of at most {_LONGEST_EMAIL} characters. Shorten this one."
        raise UnmappableValueError("email_too_long", sentence)
    return email


def _ascii_domain(email: str) -> str:
    """Give the domain of a well-formed address in ASCII; empty for any other text.

    WordPress asks for the form alone, also of names such as `shop.test`, which the library refuses at the end only.
    """
    try:
        checked = validate_email(email + _HARMLESS_END, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return ""
    return (checked.ascii_domain or "").removesuffix(_HARMLESS_END)
