"""The demo's supplier feed, made from libphonenumber's numbering plans: real area codes, invented stock."""
