"""What `./run` does, step by step. Whatever goes wrong ends with one Chinese sentence that says what to do."""
