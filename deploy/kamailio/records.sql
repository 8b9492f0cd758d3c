-- Call records that wait for the portal (Kamailio writes, upload_records.py takes them away), and those that it
-- will not take: somebody has to look at them.

CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cdr_id TEXT NOT NULL UNIQUE,
    record TEXT NOT NULL, -- JSON, as Kamailio noted it
    batch_id TEXT         -- given once, before the batch is sent for the first time
);
CREATE INDEX IF NOT EXISTS records_batch ON records (batch_id) WHERE batch_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS set_aside (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cdr_id TEXT NOT NULL,
    record TEXT NOT NULL,
    error TEXT NOT NULL,
    set_aside_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
