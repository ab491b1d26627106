"""The menu: which line is the current one on a page."""

import pytest
from django.utils import translation

from ronghe.web.navigation import current_of, shown_to

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/", "Overview"),
        ("/demand/", "Skills in demand"),
        ("/demand/skills/software.python/", "Skills in demand"),
        ("/demand/postings/7/", "Postings"),
        ("/demand/requirements/new/", "Requirements"),
        ("/demand/rounds/", "White papers"),
        ("/demand/panels/", "White papers"),
        ("/demand/panels/new/", "White papers"),
        ("/demand/forecasts/", "White papers"),
        ("/curriculum/cri/", "Curriculum"),
        ("/pool/projects/", "Intellectual-property pool"),
        ("/nowhere/", None),
    ],
)
def test_one_line_is_current_and_it_is_the_one_that_the_page_belongs_to(office, address, current):
    line = current_of(shown_to(office), address)
    with translation.override("en"):
        assert (str(line.label) if line else None) == current
