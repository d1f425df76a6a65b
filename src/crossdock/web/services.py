"""How a route gets at the services that the composition root opened."""

from typing import Annotated, cast

from fastapi import Depends, Request

from crossdock.bootstrap import Services


def services_of(request: Request) -> Services:
    """Give the services of the application that serves this request."""
    return cast("Services", request.app.state.services)


ServicesDep = Annotated[Services, Depends(services_of)]
