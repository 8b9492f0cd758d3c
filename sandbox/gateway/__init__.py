"""A pretend payment gateway for demo and tests: it speaks Stripe's wire format, and no money moves.

Loopback only, and only for keys that begin with ``sk_sandbox_``, which Stripe itself refuses. ``objects`` holds
what exists, ``actions`` what can happen to it, ``webhooks`` tells the portal, ``api`` is Stripe's interface,
``pages`` the hosted payment page and the desk, ``control`` the switches for tests, ``server`` the HTTP around them.
"""
