"""Histories of a folder that is synced, each named by a number."""

import random

from keycell.sync.plan import plan

from .world import Crash, World


def history(seed: int, without: frozenset[str] = frozenset(), kind: type[World] = World) -> World:
    """Live through a history that a number names; the world is settled at its end."""
    world = kind(random.Random(seed), without)  # noqa: S311  (a history, not a secret)
    for _ in range(world.chance.randrange(2, 8)):
        for _ in range(world.chance.randrange(6)):
            world.somebody()
        world.crashes = world.chance.random() < 0.4
        try:
            for _ in range(world.chance.randrange(5)):
                world.round(people=True)
        except Crash:
            pass
        world.crashes = False
        if world.chance.random() < 0.3:
            world.settle()
    world.settle()
    return world


def check(world: World) -> None:
    """Both sides are alike, and nothing that somebody wrote is gone."""
    disk, server = world.shape(world.disk), world.shape(world.server)
    assert disk == server
    assert plan(world.trees(), world.policy).operations == ()
    assert world.alive <= {content for content in disk.values() if content is not None}
