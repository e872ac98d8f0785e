"""Plans out of and into other formats: workbooks, CSV, JSON, calendars, intervals of a telephone system."""
