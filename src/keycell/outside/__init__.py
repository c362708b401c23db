"""What else reaches beyond the process: signatures, sealing, hashing, fetching, archives."""
