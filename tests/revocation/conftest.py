from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Protocol

import pytest
import pytest_asyncio

from tests.revocation.province import Province, opened_province
from tests.revocation.web import Web, serving


class Open(Protocol):
    def __call__(self, **options: object) -> AbstractAsyncContextManager[Province]: ...


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as opened:
        yield opened


@pytest.fixture
def open_province(web, sqlite_url, tmp_path, vault, programme, renderer) -> Open:
    """Give what founds the province on SQLite."""
    return partial(opened_province, web, sqlite_url, tmp_path, vault=vault, programme=programme, renderer=renderer)


@pytest_asyncio.fixture
async def province(open_province):
    """Give the province with fresh lists on the web."""
    async with open_province() as opened:
        opened.publish()
        yield opened


@pytest_asyncio.fixture
async def anywhere(web, database_url, tmp_path, vault, programme, renderer):
    """Give the province with fresh lists on the web, once on SQLite and once on PostgreSQL."""
    async with opened_province(
        web, database_url, tmp_path, vault=vault, programme=programme, renderer=renderer
    ) as opened:
        opened.publish()
        yield opened
