"""The protocol: values and rules without I/O, shared by server and clients.

The law: nothing here knows the time, draws a secret, reads a file or waits. Time and secrets come
in as arguments; what is decided goes out as a value or as a named error.
"""
