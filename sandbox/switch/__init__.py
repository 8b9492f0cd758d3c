"""A pretend switch for the demo: it asks the portal where a call goes, lets it happen, and reports it."""
