"""Reading of judge jobs, answers and pairs."""
