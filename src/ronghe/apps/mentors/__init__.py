"""Mentors, their load, hours and fees, and the teachers who are trained beside them."""
