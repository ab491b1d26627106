"""Organisations, people's dated roles in them, chains with dated tiers, regions, academic years and cohorts."""
