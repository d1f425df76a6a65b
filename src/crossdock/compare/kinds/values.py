"""How values of options and filters are read from requests: from JSON bodies or from query strings alike.

Owns one reader a type, each with a clear refusal. It must not know which option or filter it reads.
"""

from datetime import UTC, datetime

from crossdock.domain.errors import InvalidRequestError

SqlValue = bool | str | int | datetime | None | list[str]
"""What a query can be handed; times are naive UTC, since that is what the columns hold."""

_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_MAX_WORDS = 50
_MAX_WORD = 100
_MAX_DIGITS = 10


def read_boolean(field: str, value: object) -> bool:
    """Read true or false.

    Raises:
        InvalidRequestError: it is neither.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _BOOLEANS:
        return _BOOLEANS[value.strip().lower()]
    raise InvalidRequestError(
        "boolean_invalid", f"{field} must be true or false.", field=field, allowed="true or false"
    )


def read_moment(field: str, value: object) -> datetime:
    """Read an RFC 3339 time or a date (its first moment, UTC); gives naive UTC.

    Raises:
        InvalidRequestError: it is neither, or out of the calendar's range.
    """
    text = value.strip() if isinstance(value, str) else ""
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise InvalidRequestError(
            "time_invalid",
            f"{field} must be a date or a time.",
            field=field,
            allowed="2024-01-31 or 2024-01-31T10:30:00Z",
        ) from error


def read_integer(field: str, value: object, *, lowest: int, highest: int) -> int:
    """Read a whole number within bounds, as a number or as its digits.

    Raises:
        InvalidRequestError: it is none, or out of bounds.
    """
    text = value.strip() if isinstance(value, str) else ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < _MAX_DIGITS else value
    if isinstance(number, int) and not isinstance(number, bool) and lowest <= number <= highest:
        return number
    raise InvalidRequestError(
        "option_invalid", f"{field} must be a whole number.", field=field, allowed=f"{lowest} to {highest}"
    )


def read_words(field: str, value: object) -> list[str]:
    """Read a list of words, or one text with commas between them.

    Raises:
        InvalidRequestError: it is no such list, is empty, or has too many or too long words.
    """
    given: list[object] = []
    if isinstance(value, str):
        given = [*value.split(",")]
    elif isinstance(value, (list, tuple)):
        given = [*value]  # pyright: ignore[reportUnknownVariableType] - JSON can hold anything; each word is checked
    words = [word.strip() for word in given if isinstance(word, str) and word.strip()]
    if not words or len(words) != len(given) or len(words) > _MAX_WORDS or max(map(len, words)) > _MAX_WORD:
        raise InvalidRequestError(
            "list_invalid",
            f"{field} must be a list of words.",
            field=field,
            allowed=f"1 to {_MAX_WORDS} words of at most {_MAX_WORD} characters",
        )
    return words
