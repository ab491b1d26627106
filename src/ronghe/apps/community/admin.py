"""Technical administration: regions are kept here, everything else goes through the services."""

from django.contrib import admin

from ronghe.apps.community.models import Region


@admin.register(Region)
class RegionAdmin(admin.ModelAdmin[Region]):
    list_display = ("code", "name_zh", "name_en", "parent")
    search_fields = ("code", "name_zh", "name_en")
