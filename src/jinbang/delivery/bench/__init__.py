"""What exam time costs: CPU per operation, throughput, waiting, on SQLite and PostgreSQL."""
