"""How far a transfer is, as a terminal shows it."""

from rich.progress import Progress

from keycell.cli.progress import _time_left


def test_what_is_left_is_told_once_there_is_enough_to_judge_by() -> None:
    now = [0.0]
    column = _time_left()
    bars = Progress(get_time=lambda: now[0])
    bars.add_task("", total=1000)
    (task,) = bars.tasks
    for second, is_told in ((0.0, False), (1.0, False), (2.0, False), (4.0, True)):
        now[0] = second
        bars.advance(task.id, 100)
        assert bool(column.render(task).plain) == is_told, second
