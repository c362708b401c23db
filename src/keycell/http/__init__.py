"""The HTTP edge: reads requests, tells the flows, writes answers. No rule lives here.

``app.py`` has every route in one table.
"""
