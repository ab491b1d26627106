"""What was achieved, certified so that anyone can check it: achievements, certificates, status, public verification, recognition."""
