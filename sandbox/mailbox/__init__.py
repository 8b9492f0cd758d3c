"""A mailbox for the demo: takes every mail that the portal sends, over SMTP, and shows it as a web page."""
