"""What the office does with plans of rotations: draft, form groups, compute, publish as bookings, repair, withdraw."""

from ronghe.apps.rotations.services.computing import JOB, compute, end_computing, start_computing
from ronghe.apps.rotations.services.drafting import draft_plan, form_groups
from ronghe.apps.rotations.services.pinning import lift_pin, pin_group, pins_of, unkept
from ronghe.apps.rotations.services.publishing import breaches_now, digest_of, publish_plan, withdraw_plan
from ronghe.apps.rotations.services.repairing import Mending, mending, repair_plan

__all__ = [
    "JOB",
    "Mending",
    "breaches_now",
    "compute",
    "digest_of",
    "draft_plan",
    "end_computing",
    "form_groups",
    "lift_pin",
    "mending",
    "pin_group",
    "pins_of",
    "publish_plan",
    "repair_plan",
    "start_computing",
    "unkept",
    "withdraw_plan",
]
