"""The pages of demand: skills, postings, requirements, and a place to try the reading of a text."""
