"""The long work of demand: processing postings, and importing the crosswalk from ESCO's and O*NET's original files."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.demand import drafts, extraction, services
from ronghe.apps.demand.models import DemandRound, DemandRoundState
from ronghe.apps.jobs.registry import JobResult, Progress, job
from ronghe.lexicon import crosswalk, read_esco_skills, read_technology_examples


def _owner(progress: Progress) -> Person:
    return Person.objects.get(pk=progress.owner_id)


@job(
    "demand.postings.process",
    label=gettext_lazy("Duplicates and skills of postings"),
    words={
        "compared": gettext_lazy("Postings compared"),
        "duplicates": gettext_lazy("Duplicates found"),
        "extracted": gettext_lazy("Postings read"),
        "mentions": gettext_lazy("Mentions of skills"),
    },
)
def process_postings(progress: Progress) -> JobResult:
    """Find duplicates among new postings and extract skills from all that wait for it."""
    done = services.process_postings(actor=_owner(progress), progress=progress)
    return JobResult(
        _("%(postings)s postings read, %(mentions)s mentions of skills found, %(duplicates)s duplicates.")
        % {"postings": done.extracted, "mentions": done.mentions, "duplicates": done.duplicates},
        reverse("demand:overview"),
        {
            "compared": done.compared,
            "duplicates": done.duplicates,
            "extracted": done.extracted,
            "mentions": done.mentions,
        },
    )


@job("demand.crosswalk.import", label=gettext_lazy("Crosswalk to ESCO and O*NET"))
def import_crosswalk(progress: Progress, *, esco: str = "", onet: str = "") -> JobResult:
    """Link the lexicon to ESCO's `skills_en.csv` and O*NET's `Technology Skills.txt`, whichever is given."""
    actor, lexicon = _owner(progress), extraction.names().lexicon
    counts = {"esco": 0, "onet": 0}
    for done, (scheme, path) in enumerate((("esco", esco), ("onet", onet))):
        progress.report(done, 2, _("Reading %(file)s") % {"file": Path(path).name} if path else "")
        if not path:
            continue
        try:
            if scheme == "esco":
                links = crosswalk(lexicon, esco=read_esco_skills(Path(path)))
            else:
                links = crosswalk(lexicon, onet=read_technology_examples(Path(path)))
        except (OSError, UnicodeDecodeError) as error:
            raise ValidationError(_("%(file)s cannot be read: %(why)s") % {"file": path, "why": error}) from error
        counts[scheme] = services.import_crosswalk(
            actor=actor, scheme=scheme, links=links, lexicon_version=lexicon.version
        )
    progress.report(2, 2)
    return JobResult(_("%(esco)s links to ESCO and %(onet)s to O*NET.") % counts, reverse("demand:overview"), counts)


@job(
    "demand.forecasts.make",
    label=gettext_lazy("Forecasts of demand"),
    words={
        "made": gettext_lazy("Forecasts kept"),
        "refused": gettext_lazy("Forecasts refused"),
        "standing": gettext_lazy("Forecasts that stood already"),
        "outcomes": gettext_lazy("Outcomes written"),
    },
)
def make_forecasts(progress: Progress) -> JobResult:
    """Forecast every field and the skills asked for most, and write what came beside earlier forecasts."""
    done = services.make_forecasts(actor=_owner(progress), progress=progress)
    return JobResult(
        _("%(made)s forecasts kept, %(refused)s refused, %(outcomes)s outcomes written.")
        % {"made": done.made, "refused": done.refused, "outcomes": done.outcomes},
        reverse("demand:forecast_list"),
        {"made": done.made, "refused": done.refused, "standing": done.standing, "outcomes": done.outcomes},
    )


@job(drafts.KIND, label=gettext_lazy("Draft of a white paper"))
def make_draft(progress: Progress, *, uid: str) -> JobResult:
    """Compute what the white paper of a round would say today, for its page."""
    of = DemandRound.objects.select_related("field", "panel").get(uid=uid)
    if of.state == DemandRoundState.RUNNING:
        drafts.compute(of)
    return JobResult(_("The draft is computed from today's data."), of.get_absolute_url())
