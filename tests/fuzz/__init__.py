"""What strangers send, thrown at each parser that reads it: by `make fuzz`, and in the suite."""
