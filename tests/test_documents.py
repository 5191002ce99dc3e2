"""What the documents name is there."""

import re

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
NAMED = re.compile(r"`((?:\w+/)*\w+\.py)(?:::(\w+))?`")
ROWS = re.findall(r"^\| [A-Z]\d.*$", (ROOT / "docs" / "security.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("row", ROWS)
def test_each_requirement_names_tests_that_exist(row):
    named = NAMED.findall(row)
    assert named or "./run lint" in row
    for file, test in named:
        assert not test or f"def {test}(" in (ROOT / "tests" / file).read_text("utf-8"), (file, test)
        assert (ROOT / "tests" / file).exists()
