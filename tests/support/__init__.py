"""What stands many times in the tests: a cast of people, and ways of the portal that every folder walks."""
