"""Bringing a workbook, CSV files or a plan's directory in through pages: a preview first, then a revision."""
