from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from advisor import marked
from advisor.schemas import SCHEMAS, schema, schema_text

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_that_of_the_model(name: str) -> None:
    path = ROOT / "schemas" / f"{name}.schema.json"
    assert path.read_text(encoding="utf-8") == schema_text(name), "run `make schemas`"


def test_every_rule_file_fits_the_schema_that_it_names() -> None:
    validator = jsonschema.Draft202012Validator(schema("rule"))
    validator.check_schema(schema("rule"))
    files = sorted((ROOT / "rules").rglob("*.yaml"))
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8")
        named = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / named).resolve() == ROOT / "schemas" / "rule.schema.json", path
        assert list(validator.iter_errors(marked.read(text, str(path)).data)) == [], path


def test_a_misspelt_key_does_not_fit() -> None:
    rule = marked.read("id: one\ntitle: x\nwehn: {region: eu}\nthen: [{finding: two}]\n", "one.yaml").data
    found = [error.message for error in jsonschema.Draft202012Validator(schema("rule")).iter_errors(rule)]
    assert any("'wehn' was unexpected" in message for message in found)
