"""Creating one customer, again without what Shopify refused, until it exists or the record must be given up.

Owns the order of tries and their outcome. Each new try is safe: an answer with `userErrors` has written nothing.

Source: Shopify Admin GraphQL API 2026-10, `customerCreate`; e-mail addresses, telephone numbers and values of an
`id` metafield are unique in a shop.
"""

from typing import Final

import msgspec

from crossdock.connectors.shopify.customers import wire
from crossdock.connectors.shopify.customers.lookup import CustomerLookup
from crossdock.connectors.shopify.customers.verdicts import Verdict, judge, remedied
from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.outcomes import NOT_DEFINED, outcome_of
from crossdock.connectors.shopify.refusals import Problem, RefusedDocumentError
from crossdock.domain.errors import OutcomeUnknownError, RecordConflictError, RecordRejectedError
from crossdock.domain.plan import Applied, Linked, Outcome, Reason, Step

CREATE_CUSTOMER: Final = load("customers/create.graphql")
_MOST_TRIES: Final = 8


class CustomerCreation:
    """Creates customers in one store, one at a time."""

    def __init__(self, graphql: GraphQL, lookup: CustomerLookup) -> None:
        self._graphql = graphql
        self._lookup = lookup

    async def create(self, step: Step, *, first: wire.CreatePayload | None = None) -> Outcome:
        """Carry out a step; `first` is an answer that Shopify has already given to it."""
        return await outcome_of(self._create(step, first))

    async def _create(self, step: Step, answer: wire.CreatePayload | None) -> Outcome:
        sent = msgspec.convert(step.payload, wire.CustomerInput)
        reasons: list[Reason] = []
        for _ in range(_MOST_TRIES):
            payload = answer or await self._tried(sent)
            if payload.customer is not None:
                return Applied(payload.customer.id, tuple(reasons))
            verdict = judge(payload.user_errors, sent)
            settled = await self._settled(step, sent, verdict)
            if settled is not None:
                return settled
            reasons += verdict.reasons
            changed = remedied(sent, verdict)
            if changed == sent:
                break
            sent, answer = changed, None
        raise RecordRejectedError("refused_by_store", "Shopify refused the customer and did not say why.")

    async def _tried(self, sent: wire.CustomerInput) -> wire.CreatePayload:
        try:
            return await self._send(sent)
        except RefusedDocumentError as error:
            return _refused_addresses(error)

    async def _send(self, sent: wire.CustomerInput) -> wire.CreatePayload:
        variables = {"input": msgspec.to_builtins(sent)}
        data = await self._graphql.mutate(CREATE_CUSTOMER, variables, wire.Creation)
        payload = data.customer_create
        if payload is None or (payload.customer is None and not payload.user_errors):
            raise OutcomeUnknownError(
                "reply_unknown", "Shopify did not say whether it created the customer; Crossdock looks for it."
            )
        return payload

    async def _settled(self, step: Step, sent: wire.CustomerInput, verdict: Verdict) -> Outcome | None:
        """Tell how a record ends that can't be created again; None where a second try may help."""
        if verdict.is_email_taken:
            return await self._owner_of_email(step, sent)
        if verdict.is_marker_taken:
            found = await self._lookup.by_marker(step.marker)
            if found is not None:
                return Applied(found)
            raise RecordRejectedError("marker_refused", "Shopify refused the note by which Crossdock knows a customer.")
        if verdict.refusal is not None:
            raise verdict.refusal
        return None

    async def _owner_of_email(self, step: Step, sent: wire.CustomerInput) -> Outcome:
        owner = await self._lookup.by_email(sent.email)
        if owner is None:
            raise RecordConflictError(
                "email_taken",
                "Shopify says that a customer has this e-mail address already, but shows none. Look for the address in "
                "Shopify's admin, then try this record again.",
            )
        return Applied(owner.id) if owner.marker == str(step.marker) else Linked(owner.id)


def _refused_addresses(error: RefusedDocumentError) -> wire.CreatePayload:
    """Give an answer that refuses addresses, where nothing but values in them did not fit Shopify's types.

    Raises:
        RefusedDocumentError: something else did not fit.
    """
    problems = error.problems
    are_all_told = all(part.extensions.problems for part in error.errors)
    if not problems or not are_all_told or not all(_is_of_address(problem) for problem in problems):
        raise error
    errors = (wire.UserError(problem.explanation, tuple(map(str, problem.path))) for problem in problems)
    return wire.CreatePayload(user_errors=tuple(errors))


def _is_of_address(problem: Problem) -> bool:
    return problem.path[:1] == ["addresses"] and len(problem.path) > 1 and NOT_DEFINED not in problem.explanation
