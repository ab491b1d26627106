"""The menu: which line is the current one on a page."""

import pytest
from django.test import RequestFactory

from ronghe.web.navigation import links_for

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/", "Overview"),
        ("/demand/", "Demand"),
        ("/demand/skills/software.python/", "Demand"),
        ("/demand/postings/7/", "Postings"),
        ("/demand/requirements/new/", "Requirements"),
        ("/demand/rounds/", "White papers"),
        ("/demand/panels/", "White papers"),
        ("/demand/panels/new/", "White papers"),
        ("/demand/forecasts/", "White papers"),
        ("/curriculum/cri/", "Curriculum"),
        ("/nowhere/", None),
    ],
)
def test_one_line_is_current_and_it_is_the_one_that_the_page_belongs_to(office, address, current):
    request = RequestFactory().get(address)
    request.user = office
    assert [str(link.label) for link in links_for(request) if link.current] == ([current] if current else [])
