import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import ronghe.apps.ledger.operations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Person",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail address")),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        (
                            "name_latin",
                            models.CharField(
                                blank=True,
                                help_text="Pinyin is filled in by itself, so that search finds 张伟 by zhangwei.",
                                max_length=120,
                                verbose_name="name in Latin letters",
                            ),
                        ),
                        ("search_text", models.CharField(blank=True, editable=False, max_length=300)),
                        ("language", models.CharField(default="zh-hans", max_length=10, verbose_name="language")),
                        ("theme", models.CharField(default="auto", max_length=5, verbose_name="appearance")),
                        ("is_active", models.BooleanField(default=True, verbose_name="may sign in")),
                        (
                            "is_staff",
                            models.BooleanField(default=False, verbose_name="may use the technical administration"),
                        ),
                        ("date_joined", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("erased_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "person",
                        "verbose_name_plural": "people",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                                name="accounts_person_email_lower_case",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("language__in", ["zh-hans", "en"])),
                                name="accounts_person_language_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("theme__in", ["auto", "light", "dark"])),
                                name="accounts_person_theme_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Consent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("purpose", models.CharField(max_length=40, verbose_name="purpose")),
                        ("version", models.PositiveIntegerField(verbose_name="version")),
                        ("given_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="given")),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn")),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="consents",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "consent",
                        "verbose_name_plural": "consents",
                        "ordering": ["-given_at"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("withdrawn_at__isnull", True)),
                                fields=("person", "purpose"),
                                name="accounts_consent_one_standing",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("withdrawn_at__isnull", True),
                                    ("withdrawn_at__gte", models.F("given_at")),
                                    _connector="OR",
                                ),
                                name="accounts_consent_withdrawn_after_given",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PersonalDataView",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("page", models.CharField(max_length=80, verbose_name="page")),
                        ("viewed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="looked_at_by",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "viewer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="looked_at",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "look at personal data",
                        "verbose_name_plural": "looks at personal data",
                        "ordering": ["-viewed_at"],
                        "indexes": [
                            models.Index(fields=["person", "-viewed_at"], name="accounts_pe_person__3b5618_idx")
                        ],
                    },
                ),
            ],
        ),
    ]
