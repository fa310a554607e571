"""What leaves the program: records for scripts, lines for people."""
