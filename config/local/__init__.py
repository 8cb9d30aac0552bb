"""What runs the platform on a developer's machine: set-up, embedded servers and their supervisor. Never in production."""
