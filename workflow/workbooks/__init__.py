"""Reading workbooks that people upload, as people see them.

`reader` is what the product calls. It checks the file and has it parsed by `child`, a process of its own with limits
on time and memory, by `xlsx`, `xls` or `ods`; `shown` says what a cell shows for its number. All but `reader` do
without Django, so that the process starts quickly. openpyxl and calamine are not used for reading: both refuse files
that office programs open, and neither tells what is hidden or how a number is shown.
"""
