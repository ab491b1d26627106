"""The one task the worker knows: it carries out a job. The work of imports is registered in `uploads.py`."""

from django_tasks import task

from ronghe.apps.jobs import services, uploads


@task()
def run_job(uid: str) -> None:
    """Carry out the job `uid`; first delete uploads that nobody wanted, which may hold personal data."""
    uploads.delete_expired()
    services.carry_out(uid)
