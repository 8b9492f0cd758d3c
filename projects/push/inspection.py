"""Has a key or certificate opened by a process of its own (:mod:`projects.push.process`), and believes it little."""

import logging
import re
from typing import Any

from portal.core import limited_process
from portal.core.errors import DomainError
from projects.push import files, wrong_files
from projects.push.files import CredentialRefused
from projects.push.process import APPLE, GOOGLE

SECONDS = 3  # of processor time; an honest file takes a tenth
WALL_SECONDS = 15  # somebody waits for the page
LONGEST_ANSWER = 1_000_000  # bytes
START = "import sys; sys.path.insert(0, sys.argv[1]); from projects.push.process import main; main()"
CODE, MESSAGE = re.compile(r"push_[a-z_]{1,40}"), re.compile(r"[^\x00-\x1f]{1,600}")
log = logging.getLogger(__name__)


def apple(data: bytes, password: str) -> tuple[files.Content, dict[str, Any]]:
    """What the file is, and what is in it (:mod:`projects.push.apple`). Raises ``push_wrong_file``, what
    ``apple.read`` raises, ``push_file_too_complex``, ``push_check_unavailable`` (503)."""
    content = files.recognise(data)
    wrong_files.refuse_for_ios(content)
    return content, _run(data, {"task": APPLE, "content": content, "password": password})


def google(data: bytes) -> dict[str, Any]:
    """What is in the file (:mod:`projects.push.google`). Raises ``push_legacy_key``, ``push_wrong_file``, what
    ``google.read`` raises, ``push_file_too_complex``, ``push_check_unavailable`` (503)."""
    wrong_files.refuse_for_android(files.recognise(data))
    return _run(data, {"task": GOOGLE})


def _run(data: bytes, order: dict[str, Any]) -> dict[str, Any]:
    limits = {"seconds": SECONDS, "wall_seconds": WALL_SECONDS, "longest_answer": LONGEST_ANSWER}
    try:
        answer, _ = limited_process.run(START, order, data, **limits)
    except limited_process.NotStarted as error:
        log.exception("push.inspection_not_started")
        raise _unavailable() from error
    except limited_process.NotAnswered as error:
        log.warning("push.inspection_ended", extra={"because": str(error)})
        raise _too_complex() from error
    if "code" in answer:
        raise _refused(answer)
    return answer


def _refused(answer: dict[str, Any]) -> DomainError:
    code, message, field = (str(answer.get(name)) for name in ("code", "message", "field"))
    if "because" in answer:  # an accident, not a rule
        log.warning("push.inspection_failed", extra={"because": str(answer["because"])[:80]})
    if not (CODE.fullmatch(code) and MESSAGE.fullmatch(message)):
        return _too_complex()
    return CredentialRefused(message, code=code, field=field)


def _too_complex() -> DomainError:
    message = "This file takes too long to open. Export it again with the usual settings, and upload that."
    return CredentialRefused(message, code="push_file_too_complex")


def _unavailable() -> DomainError:
    message = "Files cannot be checked right now, so nothing was stored. Please try again in a few minutes."
    return DomainError("push_check_unavailable", message, field="file", status=503)
