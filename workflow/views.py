"""Inbox, record page, decisions, files."""
