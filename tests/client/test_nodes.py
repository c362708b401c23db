"""What a server tells of its files, before it becomes a path of this machine."""

import pytest

from keycell.client.errors import NotKeycell
from keycell.client.nodes import read_node


@pytest.mark.parametrize(
    "path", ["..", "space/../../x", "space/./x", "space/a\0b", "../../.ssh/authorized_keys"]
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(NotKeycell, match="which no file can be at"):
        read_node({"Uuid": "1", "Path": path, "Type": "LEAF"})


@pytest.mark.parametrize("view", [None, [], {}, {"Uuid": 1}, {"Uuid": "1", "Size": "many"},
                                  {"Uuid": "1", "MTime": [1]}])  # fmt: skip
def test_what_is_no_node_is_refused(view: object) -> None:
    with pytest.raises(NotKeycell):
        read_node(view)


def test_a_node_is_read() -> None:
    node = read_node(
        {"Uuid": "1", "Path": "space/a..b/..c", "Type": "LEAF", "Size": "3", "MetaStore": []}
    )
    assert (node.name, node.size, node.is_folder, node.meta) == ("..c", 3, False, {})
