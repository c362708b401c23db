"""The REST calls under `/a/`, in the JSON and casing of the system whose place we take."""
