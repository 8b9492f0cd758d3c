"""The queues of background work. Each has workers of its own, so that one kind of work waits for no other."""

DEFAULT = "default"  # money and numbers: short, in the database or against the payment gateway
MAIL = "mail"  # composing and delivering mail
DELIVER = "deliver"  # requests to customers' servers, which may be slow: a pool of threads
BULK = "bulk"  # exports, imports, the inspection of documents: long, and hungry for processor or memory

QUEUES = (DEFAULT, MAIL, DELIVER, BULK)
