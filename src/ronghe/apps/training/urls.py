"""The addresses of `training`."""

from datetime import date

from django.urls import path, register_converter

from ronghe.apps.training.views import assessments, by_link, changes, evidence, placements, troubles


class DayConverter:
    """A day as 2026-11-23."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "training_day")

app_name = "training"
urlpatterns = [
    path("", placements.overview, name="overview"),
    path("placements.<str:kind>", placements.export, name="export"),
    path("placements/new/", placements.placement_new, name="placement_new"),
    path("placements/from-assignments/", placements.plan_all, name="plan_all"),
    path("day/", placements.day, name="day"),
    path("placements/<uuid:uid>/", placements.placement_page, name="placement"),
    path("placements/<uuid:uid>/agreement/draft/", placements.draft_agreement, name="draft_agreement"),
    path("placements/<uuid:uid>/agreement/", changes.agreement, name="agreement"),
    path("placements/<uuid:uid>/paper/", changes.paper, name="paper"),
    path("placements/<uuid:uid>/prior-work/", changes.prior_work, name="prior_work"),
    path("placements/<uuid:uid>/start/", changes.start, name="start"),
    path("placements/<uuid:uid>/pause/", changes.pause, name="pause"),
    path("placements/<uuid:uid>/resume/", changes.resume, name="resume"),
    path("placements/<uuid:uid>/stop/", changes.stop, name="stop"),
    path("placements/<uuid:uid>/finish/", placements.finish, name="finish"),
    path("placements/<uuid:uid>/change/", changes.change, name="change"),
    path("placements/<uuid:uid>/supervisor/<str:kind>/", changes.supervisor, name="supervisor"),
    path("placements/<uuid:uid>/weeks.<str:kind>", placements.weeks_export, name="weeks_export"),
    path("placements/<uuid:uid>/weeks/<training_day:monday>/", evidence.week, name="week"),
    path("placements/<uuid:uid>/weeks/<training_day:monday>/link/", evidence.link_new, name="link_new"),
    path("placements/<uuid:uid>/absences/new/", troubles.absence_new, name="absence_new"),
    path("placements/<uuid:uid>/incidents/new/", troubles.incident_new, name="incident_new"),
    path("placements/<uuid:uid>/assessments/new/", assessments.assessment_new, name="assessment_new"),
    path("entries/<uuid:uid>/", evidence.entry_page, name="entry"),
    path("entries/<uuid:uid>/decide/", evidence.decide, name="decide"),
    path("entries/<uuid:uid>/answer/", evidence.answer, name="answer"),
    path("files/<uuid:uid>/", evidence.attachment, name="attachment"),
    path("confirm/", evidence.queue, name="queue"),
    path("links/<uuid:uid>/revoke/", evidence.link_revoke, name="link_revoke"),
    path("c/<str:token>/", by_link.week, name="by_link"),
    path("c/<str:token>/files/<uuid:uid>/", by_link.file, name="by_link_file"),
    path("absences/<int:key>/decide/", troubles.absence_decide, name="absence_decide"),
    path("incidents/<uuid:uid>/", troubles.incident_page, name="incident"),
    path("incidents/<uuid:uid>/answer/", troubles.incident_answer, name="incident_answer"),
    path("incidents/<uuid:uid>/close/", troubles.incident_close, name="incident_close"),
    path("relations/", troubles.relations, name="relations"),
    path("relations/<int:key>/end/", troubles.relation_end, name="relation_end"),
    path("assessments/<uuid:uid>/", assessments.assessment_page, name="assessment"),
    path("assessments/<uuid:uid>/rate/", assessments.rate, name="rate"),
    path("assessments/<uuid:uid>/settle/", assessments.settle, name="settle"),
]
