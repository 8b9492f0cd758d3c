"""Takes SMS from a carrier's SMSC over SMPP 3.4 to the portal. Standard library only; the portal does not import it."""
