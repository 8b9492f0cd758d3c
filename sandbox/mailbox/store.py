"""Mails as files, newest first: a restarted mailbox still has them."""

import threading
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

KEPT = 500


@dataclass(frozen=True, slots=True)
class Mail:
    id: int
    received_at: float  # seconds since the epoch
    message: EmailMessage

    def header(self, name: str) -> str:
        return str(self.message.get(name, ""))

    def body(self, kind: str) -> str:
        """``plain`` or ``html``; empty when the mail has no such part."""
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""


class Store:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = threading.Lock()

    def add(self, raw: bytes) -> int:
        with self.lock:
            ids = self._ids()
            new = (ids[-1] if ids else 0) + 1
            temporary = self.folder / f"{new}.part"
            temporary.write_bytes(raw)
            temporary.rename(self.folder / f"{new}.eml")
            for old in ids[: max(0, len(ids) + 1 - KEPT)]:
                (self.folder / f"{old}.eml").unlink(missing_ok=True)
        return new

    def get(self, mail_id: int) -> Mail | None:
        path = self.folder / f"{mail_id}.eml"
        try:
            raw, received = path.read_bytes(), path.stat().st_mtime
        except OSError:
            return None
        return Mail(mail_id, received, message_from_bytes(raw, policy=policy.default))

    def newest(self, to: str = "") -> list[Mail]:
        mails = [mail for mail_id in reversed(self._ids()) if (mail := self.get(mail_id)) is not None]
        return [mail for mail in mails if to.lower() in mail.header("To").lower()]

    def clear(self) -> None:
        with self.lock:
            for mail_id in self._ids():
                (self.folder / f"{mail_id}.eml").unlink(missing_ok=True)

    def _ids(self) -> list[int]:
        return sorted(int(path.stem) for path in self.folder.glob("*.eml"))


def ago(seconds_since_epoch: float) -> str:
    seconds = int(time.time() - seconds_since_epoch)
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"
