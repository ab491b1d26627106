"""Technical administration: sources are kept here; everything else goes through the services and is only looked at."""

from typing import Any

from django.contrib import admin
from django.db.models import Field, URLField
from django.http import HttpRequest

from ronghe.apps.demand.models import Computation, DemandRound, Forecast, Panel, Posting, Skill, SkillLink, Source


class ReadOnly(admin.ModelAdmin[Any]):
    """Rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin[Source]):
    list_display = ("name", "licence", "address", "is_example")
    search_fields = ("name",)

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Skill)
class SkillAdmin(ReadOnly):
    list_display = ("code", "name_zh", "name_en", "group", "retired_at")
    list_select_related = ("group",)
    list_filter = ("group__field",)
    search_fields = ("code", "name_zh", "name_en")


@admin.register(SkillLink)
class SkillLinkAdmin(ReadOnly):
    list_display = ("skill", "scheme", "label", "identifier", "method")
    list_select_related = ("skill",)
    list_filter = ("scheme", "method")
    search_fields = ("skill__code", "label")


@admin.register(Posting)
class PostingAdmin(ReadOnly):
    list_display = ("external_id", "published_on", "title", "organisation_name", "source", "extracted_with")
    list_select_related = ("source",)
    list_filter = ("source", "language")
    search_fields = ("external_id", "title", "organisation_name")


@admin.register(Panel)
class PanelAdmin(ReadOnly):
    """The panel and its state; its seats and answers are shown nowhere."""

    list_display = ("name_zh", "name_en", "state")
    list_filter = ("state",)
    search_fields = ("name_zh", "name_en")


@admin.register(DemandRound)
class DemandRoundAdmin(ReadOnly):
    list_display = ("name_zh", "name_en", "first_day", "last_day", "state", "digest")
    list_filter = ("state",)
    search_fields = ("name_zh", "name_en")


@admin.register(Forecast)
class ForecastAdmin(ReadOnly):
    list_display = ("made_on", "skill", "field", "of", "rate", "method", "version")
    list_select_related = ("skill", "field")
    list_filter = ("of",)
    date_hierarchy = "made_on"


@admin.register(Computation)
class ComputationAdmin(ReadOnly):
    list_display = ("key", "computed_at", "mark", "asked_mark")
    search_fields = ("key",)
