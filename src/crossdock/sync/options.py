"""Options of a sync: what a caller may choose for one run, with its default.

Owns how a choice is described and read from a request. It must not know what a choice leads to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from crossdock.domain.errors import InvalidRequestError

OptionValue = bool | str | None
_MAX_TEXT = 20
_ALLOWED = {"flag": "true or false", "text": f"a text of at most {_MAX_TEXT} characters"}


@dataclass(frozen=True, slots=True)
class SyncOption:
    """One choice, named as in the API.

    A `choice` takes one of `choices`; a flag whose default is None means the destination's own way.
    """

    name: str
    form: Literal["choice", "flag", "text"]
    default: OptionValue
    help: str
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What a value may be, in words."""
        return ", ".join(self.choices) if self.form == "choice" else _ALLOWED[self.form]

    def parse(self, value: object) -> OptionValue:
        """Read a value as it comes in a request; null stands for the default.

        Raises:
            InvalidRequestError: it is not allowed.
        """
        if value is None:
            return self.default
        is_flag = self.form == "flag" and isinstance(value, bool)
        is_choice = self.form == "choice" and value in self.choices
        is_text = self.form == "text" and isinstance(value, str) and len(value) <= _MAX_TEXT and value.isprintable()
        if isinstance(value, bool | str) and (is_flag or is_choice or is_text):
            return value
        raise InvalidRequestError(
            "option_invalid",
            f"The option {self.name} can't have this value.",
            field=f"options.{self.name}",
            allowed=self.allowed,
        )


def parse_options(options: Sequence[SyncOption], given: Mapping[str, object]) -> dict[str, OptionValue]:
    """Read all options of a request; what is absent has its default.

    Raises:
        InvalidRequestError: an option is unknown or its value is not allowed.
    """
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            raise InvalidRequestError(
                "option_unknown",
                f"There is no option “{name[:40]}”.",
                field=f"options.{name[:40]}",
                allowed=", ".join(known) or "nothing",
            )
    return {name: option.parse(given.get(name)) for name, option in known.items()}
