"""Has a file opened by a process of its own (:mod:`numbers.documents.inspection.process`), and believes it little."""

import logging
import re
from dataclasses import dataclass
from typing import Any

from numbers.documents.rejections import DocumentRejected, too_complex
from portal.core import limited_process
from portal.core.errors import DomainError

SECONDS = 15  # of processor time
WALL_SECONDS = 90  # it stands back behind everything else on the machine
LONGEST_ANSWER = 64_000_000  # bytes
# `portal` gives `numbers` its path (docs/adr/0001); neither loads Django.
START = (
    "import sys; sys.path.insert(0, sys.argv[1]); import portal; "
    "from numbers.documents.inspection.process import main; main()"
)
CODE, MESSAGE = re.compile(r"document_[a-z_]{1,40}"), re.compile(r"[^\x00-\x1f]{1,400}")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InspectionResult:
    facts: dict[str, Any]
    data: bytes


def run(task: str, data: bytes, **facts: Any) -> InspectionResult:
    """Raises DocumentRejected, also when the process runs into its limits; ``document_check_unavailable`` (503) when
    it cannot be started."""
    limits = {"seconds": SECONDS, "wall_seconds": WALL_SECONDS, "longest_answer": LONGEST_ANSWER}
    try:
        answer, made = limited_process.run(START, {"task": task} | facts, data, **limits)
    except limited_process.NotStarted as error:
        log.exception("documents.inspection_not_ready", extra={"task": task})
        raise unavailable() from error
    except limited_process.NotAnswered as error:
        log.warning("documents.inspection_ended", extra={"because": str(error), "task": task})
        raise too_complex() from error
    if "code" in answer:
        raise _rejection(answer, task)
    return InspectionResult(answer, made)


def unavailable() -> DomainError:
    return DomainError(
        "document_check_unavailable",
        "Files cannot be checked right now, so nothing was stored. Please try again in a few minutes.",
        field="file",
        status=503,
    )


def _rejection(answer: dict[str, Any], task: str) -> DocumentRejected:
    code, message = str(answer["code"]), str(answer.get("message"))
    if "because" in answer:  # not a rule but an accident; the file may be one that deserves a rule
        log.warning("documents.inspection_failed", extra={"because": str(answer["because"])[:80], "task": task})
    if not (CODE.fullmatch(code) and MESSAGE.fullmatch(message)):
        return too_complex()
    return DocumentRejected(message, code=code)
