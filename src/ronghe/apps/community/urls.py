"""The addresses of the registry."""

from django.urls import path

from ronghe.apps.community.views import chains, cohorts, organisations, people

app_name = "community"
urlpatterns = [
    path("chains/", chains.chain_list, name="chain_list"),
    path("chains/new/", chains.chain_new, name="chain_new"),
    path("chains/<uuid:uid>/", chains.chain_page, name="chain"),
    path("chains/<uuid:uid>/admit/", chains.chain_admit, name="chain_admit"),
    path("memberships/<int:key>/tier/", chains.membership_tier, name="membership_tier"),
    path("memberships/<int:key>/leave/", chains.membership_leave, name="membership_leave"),
    path("organisations/", organisations.organisation_list, name="organisation_list"),
    path("organisations/new/", organisations.organisation_new, name="organisation_new"),
    path("organisations/export.<str:kind>", organisations.organisation_export, name="organisation_export"),
    path("organisations/<uuid:uid>/", organisations.organisation_page, name="organisation"),
    path("organisations/<uuid:uid>/edit/", organisations.organisation_edit, name="organisation_edit"),
    path("organisations/<uuid:uid>/campuses/new/", organisations.campus_new, name="campus_new"),
    path("people/", people.person_list, name="person_list"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/export.<str:kind>", people.person_export, name="person_export"),
    path("people/<uuid:uid>/", people.person_page, name="person"),
    path("people/<uuid:uid>/roles/new/", people.role_new, name="role_new"),
    path("roles/<int:key>/end/", people.role_end, name="role_end"),
    path("cohorts/", cohorts.cohort_list, name="cohort_list"),
    path("cohorts/new/", cohorts.cohort_new, name="cohort_new"),
    path("years/new/", cohorts.year_new, name="year_new"),
    path("cohorts/<int:key>/", cohorts.cohort_page, name="cohort"),
    path("cohorts/<int:key>/roster.<str:kind>", cohorts.roster_export, name="roster_export"),
    path("cohorts/<int:key>/enrol/", cohorts.student_enrol, name="student_enrol"),
    path("enrolments/<int:key>/transfer/", cohorts.student_transfer, name="student_transfer"),
    path("enrolments/<int:key>/leave/", cohorts.student_leave, name="student_leave"),
]
