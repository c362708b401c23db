"""The authorization server: a flow for each endpoint. It finds, a rule decides, it exchanges."""
