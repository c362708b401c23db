"""The sync client: three trees, a pure planner, and what carries its plans out."""
