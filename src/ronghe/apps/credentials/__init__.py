"""What was achieved, certified so that anyone can check it: certificates, their status, verification, recognition."""
