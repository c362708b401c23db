"""What `--format` may say."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.cli.templates import BadTemplate, read_template

FIELDS = ("name", "type", "path", "size", "modified_at", "id", "hash")
ROW = {"name": "a.txt", "type": "file", "path": "w/a.txt", "size": 1500, "id": "i"}


@pytest.mark.parametrize(
    ("template", "written"),
    [
        (r"{name}\t{size}", "a.txt\t1500"),
        (r"{path}\0", "w/a.txt\0"),
        ("{{{name}}}", "{a.txt}"),
        ("{ name }", "a.txt"),
        ("{modified_at}", ""),
        (r"\\n {name}", "\\n a.txt"),
        ("{{.Name}} {{ .Type }} {{.HumanSize}} {{.SizeBytes}}", "a.txt File 1.5 kB 1500"),
        ("{{.Path}}{{- .Uuid -}}{{.Hash}}", "w/a.txti"),
        ("none", "none"),
    ],
)
def test_a_template_writes_fields(template: str, written: str) -> None:
    assert read_template(template, FIELDS)(ROW) == written


@pytest.mark.parametrize(
    "template",
    [
        "{nme}",
        "{name.__class__}",
        "{name[0]}",
        "{",
        "name}",
        "{{.Nme}}",
        "{{ len .Name }} {{.Name}}",
        "{}",
    ],
)
def test_what_cannot_be_written(template: str) -> None:
    with pytest.raises(BadTemplate):
        read_template(template, FIELDS)


@given(st.text())
def test_a_template_is_read_or_refused(template: str) -> None:
    with contextlib.suppress(BadTemplate):
        assert isinstance(read_template(template, FIELDS)(ROW), str)
