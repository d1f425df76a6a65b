"""What a sync is refused before it is a run: a comparison too old to be believed."""

from pathlib import Path

import pytest

from crossdock.domain.errors import InvalidRequestError
from crossdock.jobs.requests import SelectAll
from crossdock.state import RunFilter, RunState, RunType
from tests.support.sync_desk import open_premises

HOUR = 3600


async def test_a_comparison_is_good_for_a_day(tmp_path: Path) -> None:
    with open_premises(tmp_path / "data") as premises:
        async with premises.open() as desk:
            compared = await desk.compare("woocommerce")
            premises.clock.jump(23 * HOUR)
            shown = await desk.sync("woocommerce", SelectAll(compared.id), is_dry_run=True)
            assert shown.state is RunState.DONE
            premises.clock.jump(2 * HOUR)
            with pytest.raises(InvalidRequestError) as refused:
                await desk.start("woocommerce", SelectAll(compared.id))
            assert (refused.value.code, refused.value.field) == ("compare_too_old", "compareRunId")
            _, syncs = await desk.services.runs.list(RunFilter(type=RunType.SYNC))
            assert syncs == 1
