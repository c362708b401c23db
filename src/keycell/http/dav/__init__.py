"""WebDAV under ``/dav/``: files as a folder of any desktop. RFC4918, classes 1 and 2.

`routes.METHODS` lists what may be done; each method has its place in the file of its concept.
"""
