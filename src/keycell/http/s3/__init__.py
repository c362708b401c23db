"""The S3 wire under ``/io/``: one bucket, whose keys are ``<space>/<path>``.

``routes`` names every operation; ``signatures`` says who signed, ``credentials`` who that is;
``payload`` gives the body's bytes, checked as they pass; the rest is a file per kind of operation.
"""
