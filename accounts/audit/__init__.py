"""审计日志: one log of who did what, which can be added to but not rewritten."""
