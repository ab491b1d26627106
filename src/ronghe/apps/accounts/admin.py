"""People in the technical administration: find them, stop them from signing in; passwords are theirs."""

from django.contrib import admin

from ronghe.apps.accounts.models import Person


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin[Person]):
    list_display = ["name", "email", "language", "is_active", "date_joined"]
    list_filter = ["is_active", "language"]
    search_fields = ["search_text", "email"]
    fields = ["name", "name_latin", "email", "language", "is_active", "is_staff", "date_joined"]
    readonly_fields = ["date_joined"]

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        """People leave by erasure, which every app hears of; a bare DELETE would not tell them."""
        return False
