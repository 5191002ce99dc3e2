"""Lists, the record page and what is done on it, and files."""
