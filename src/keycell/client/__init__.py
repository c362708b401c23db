"""Our own client of a Keycell server: signing in, tokens, files, transfers."""
