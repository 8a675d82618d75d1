"""The verbs of the command line, a module each: it reads, makes one call into the library, and prints."""
