"""A pretend outside world for demo and tests: servers, payment gateway, mailbox. Never in the production
image."""
