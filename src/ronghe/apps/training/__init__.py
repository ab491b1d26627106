"""Placements, evidence, assessments and what they confirm."""
