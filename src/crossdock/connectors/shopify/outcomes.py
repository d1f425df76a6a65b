"""What becomes of a creation in trouble, by what the trouble proves.

Owns which error means that nothing was written. It must not know what was to be created.
"""

from collections.abc import Awaitable
from typing import Final

from crossdock.connectors.shopify.refusals import RefusedDocumentError
from crossdock.domain.errors import (
    ContractViolationError,
    CrossdockError,
    OutcomeUnknownError,
    RecordError,
    RecordRejectedError,
)
from crossdock.domain.plan import NotSent, Outcome, Refused, Unknown

NOT_DEFINED: Final = "not defined"
"""What Shopify says of a field that its schema lacks, in the explanation of a refused variable."""


async def outcome_of(creation: Awaitable[Outcome]) -> Outcome:
    """Wait for a creation; an error is the outcome that it proves."""
    try:
        return await creation
    except OutcomeUnknownError as error:
        return Unknown(error)
    except RecordError as error:
        return Refused(error)
    except RefusedDocumentError as error:
        return _refused_values(error)
    except CrossdockError as error:
        return NotSent(error)


def _refused_values(error: RefusedDocumentError) -> Outcome:
    """Tell a value that Shopify's types don't allow from a document that no longer fits Shopify."""
    problems = error.problems
    if not problems or any(NOT_DEFINED in problem.explanation for problem in problems):
        return NotSent(ContractViolationError(error.code, error.message, error.detail))
    fields = ", ".join(".".join(str(part) for part in problem.path) for problem in problems)
    text = f"Shopify can't take the value of {fields}. Correct it in the source store, then try this record again."
    return Refused(RecordRejectedError("value_refused", text, error.detail))
