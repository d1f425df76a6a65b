"""Pages of lists: which one is asked for."""

from typing import Annotated

from fastapi import Depends, Query

MAX_PAGE_SIZE = 500
_DEFAULT_PAGE_SIZE = 50
_MAX_PAGE = 1_000_000


class PageQuery:
    """One page: `page` counts from 1."""

    def __init__(
        self,
        page: Annotated[int, Query(ge=1, le=_MAX_PAGE)] = 1,
        page_size: Annotated[int, Query(alias="pageSize", ge=1, le=MAX_PAGE_SIZE)] = _DEFAULT_PAGE_SIZE,
    ) -> None:
        self.page = page
        self.page_size = page_size

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.page - 1) * self.page_size


PageDep = Annotated[PageQuery, Depends()]
