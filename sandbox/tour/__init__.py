"""``make screenshots``: every screen of the running demo as a picture, in light, dark and at phone width."""
