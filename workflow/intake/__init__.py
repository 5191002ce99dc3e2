"""Whether a file may be kept at all: what it is, what in it would run or fetch something, and marks of secrecy.

`reader` is what the product calls. The file itself is opened by `child` alone, a process of its own with limits; what
cannot be looked through within them is not kept.
"""
