"""The addresses of `curriculum`."""

from django.urls import path

from ronghe.apps.curriculum.views import exchange, library, programmes, renewal, response, units, versions

app_name = "curriculum"
urlpatterns = [
    path("", programmes.overview, name="overview"),
    path("programmes/new/", programmes.programme_new, name="programme_new"),
    path("programmes/<uuid:uid>/", programmes.programme_page, name="programme"),
    path("programmes/<uuid:uid>/export.<str:kind>", exchange.programme_export, name="programme_export"),
    path("programmes/<uuid:uid>/case.json", exchange.programme_case, name="programme_case"),
    path("programmes/<uuid:uid>/case/import/", exchange.programme_case_import, name="programme_case_import"),
    path("programmes/<uuid:uid>/edit/", programmes.programme_edit, name="programme_edit"),
    path("programmes/<uuid:uid>/courses/new/", programmes.course_new, name="course_new"),
    path("courses/<int:key>/packages/new/", programmes.package_new, name="package_new"),
    path("packages/<uuid:uid>/", programmes.package_page, name="package"),
    path("packages/<uuid:uid>/start/", programmes.package_start, name="package_start"),
    path("packages/<uuid:uid>/retire/", programmes.package_retire, name="package_retire"),
    path("versions/<uuid:uid>/", versions.version_page, name="version"),
    path("versions/<uuid:uid>/summary/", versions.version_summary, name="version_summary"),
    path("versions/<uuid:uid>/submit/", versions.version_submit, name="version_submit"),
    path("versions/<uuid:uid>/recall/", versions.version_recall, name="version_recall"),
    path("versions/<uuid:uid>/review/", versions.version_review, name="version_review"),
    path("versions/<uuid:uid>/release/", versions.version_release, name="version_release"),
    path("versions/<uuid:uid>/discard/", versions.version_discard, name="version_discard"),
    path("versions/<uuid:uid>/arrange/", versions.version_arrange, name="version_arrange"),
    path("versions/<uuid:uid>/changes/", versions.version_diff, name="version_diff"),
    path("versions/<uuid:uid>/units/new/", units.unit_new, name="unit_new"),
    path("units/<uuid:uid>/edit/", units.unit_edit, name="unit_edit"),
    path("units/<uuid:uid>/remove/", units.unit_remove, name="unit_remove"),
    path("units/<uuid:uid>/suggestions/", units.unit_suggestions, name="unit_suggestions"),
    path("units/<uuid:uid>/decide/", units.unit_decide, name="unit_decide"),
    path("due/", renewal.calendar, name="due"),
    path("library/", library.library, name="library"),
    path("projects/new/", library.project_new, name="project_new"),
    path("projects/<uuid:uid>/", library.project_page, name="project"),
    path("projects/<uuid:uid>/parts/new/", library.part_new, name="part_new"),
    path("projects/<uuid:uid>/break/", library.project_break, name="project_break"),
    path("cases/new/", library.case_new, name="case_new"),
    path("cases/<uuid:uid>/", library.case_page, name="case"),
    path("cases/<uuid:uid>/check/", library.case_check, name="case_check"),
    path("cri/", response.community_page, name="cri"),
    path("cri/programmes/<uuid:uid>/", response.programme_page, name="programme_cri"),
    path("cri/enterprises/<uuid:uid>/", response.enterprise_page, name="enterprise_cri"),
    path("cri/freeze/", response.freeze, name="cri_freeze"),
    path("cri/results/<uuid:uid>/", response.frozen_page, name="cri_result"),
]
