"""Files that come into sites: timetables, machines with their terms, authorisations, logs of use, public holidays."""

from ronghe.apps.sites.imports import machines, timetable

__all__ = ["machines", "timetable"]
