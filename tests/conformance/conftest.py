"""A provider for each file of the exam, and a robot for each test."""

from collections.abc import Iterator

import pytest

from .provider import Provider, providing
from .robot import Robot


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with providing(tmp_path_factory.mktemp("exam")) as provider:
        yield provider


@pytest.fixture
def robot(provider: Provider) -> Iterator[Robot]:
    with Robot(provider) as robot:
        yield robot
