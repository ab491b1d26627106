"""The one task the worker knows: it carries out a job."""

from django_tasks import task

from ronghe.apps.jobs import services


@task()
def run_job(uid: str) -> None:
    """Carry out the job `uid`."""
    services.carry_out(uid)
