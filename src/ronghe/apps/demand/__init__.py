"""What enterprises need: skills, postings and requirements, and what a person decided about each extraction."""
