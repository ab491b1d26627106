"""The addresses of `rotations`."""

from django.urls import path

from ronghe.apps.rotations.views import capacity, plans

app_name = "rotations"
urlpatterns = [
    path("", plans.overview, name="overview"),
    path("capacity/", capacity.show, name="capacity"),
    path("new/", plans.plan_new, name="plan_new"),
    path("<uuid:uid>/", plans.plan, name="plan"),
    path("<uuid:uid>/groups/", plans.groups, name="groups"),
    path("<uuid:uid>/compute/", plans.compute, name="compute"),
    path("<uuid:uid>/pins/new/", plans.pin_new, name="pin_new"),
    path("<uuid:uid>/pins/<int:key>/lift/", plans.pin_lift, name="pin_lift"),
    path("<uuid:uid>/publish/", plans.publish, name="publish"),
    path("<uuid:uid>/withdraw/", plans.withdraw, name="withdraw"),
    path("<uuid:uid>/repair/", plans.repair, name="repair"),
    path("<uuid:uid>/sessions.csv", plans.sessions_csv, name="sessions_csv"),
    path("<uuid:uid>/weeks/<int:number>/", plans.week, name="week"),
]
