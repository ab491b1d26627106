"""Technical administration: the curriculum is only looked at; everything is written by the services."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ronghe.apps.curriculum.models import CriResult, IndustryProject, PackageVersion, Programme, TeachingCase


class ReadOnly(admin.ModelAdmin[Any]):
    """Rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Programme)
class ProgrammeAdmin(ReadOnly):
    list_display = ("name_zh", "name_en", "organisation", "field", "months")
    list_select_related = ("organisation",)
    list_filter = ("field",)
    search_fields = ("name_zh", "name_en")


@admin.register(PackageVersion)
class PackageVersionAdmin(ReadOnly):
    list_display = ("package", "number", "state", "released_on", "content_hash")
    list_select_related = ("package",)
    list_filter = ("state",)
    search_fields = ("package__name_zh", "package__name_en")


@admin.register(CriResult)
class CriResultAdmin(ReadOnly):
    list_display = ("as_of", "value", "programme", "enterprise", "method_version", "inputs_hash")
    list_select_related = ("programme", "enterprise")
    date_hierarchy = "as_of"


@admin.register(IndustryProject)
class IndustryProjectAdmin(ReadOnly):
    list_display = ("name_zh", "name_en", "organisation")
    list_select_related = ("organisation",)
    search_fields = ("name_zh", "name_en")


@admin.register(TeachingCase)
class TeachingCaseAdmin(ReadOnly):
    list_display = ("name_zh", "name_en", "organisation")
    list_select_related = ("organisation",)
    search_fields = ("name_zh", "name_en")
