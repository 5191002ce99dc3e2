"""A look at a file without downloading it: its pages as pictures, or what it says.

`reader` is what the product calls. The file itself is opened by `child` alone, a process of its own with limits, and
what comes back are pictures that we have drawn and plain text: nothing of the file reaches a browser as it is.
"""
