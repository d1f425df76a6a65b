"""Stores for the trials of a module: served once for each way, with what a migration in peace leaves in them."""

from collections.abc import Generator

import pytest

from tests.durability.stage import CUSTOMER_WAYS, Stage, Way, open_stage
from tests.durability.trial import undisturbed
from tests.durability.verdict import Aftermath

Staged = tuple[Stage, Aftermath]


@pytest.fixture(scope="module", params=CUSTOMER_WAYS, ids=lambda way: way.name)
def staged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Staged]:
    """Serve the stores of one way; a test of orders names its own ways."""
    way: Way = request.param
    with open_stage(way) as stage:
        yield stage, undisturbed(stage, tmp_path_factory.mktemp("peace"))
