"""What other apps read of exam time."""
