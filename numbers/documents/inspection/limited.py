"""Has a file opened by a process of its own (:mod:`numbers.documents.inspection.process`), and believes it little."""

import json
import logging
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from numbers.documents.rejections import DocumentRejected, too_complex
from portal.core.errors import DomainError

SECONDS = 15  # of processor time
WALL_SECONDS = 90  # it stands back behind everything else on the machine
LONGEST_ANSWER = 64_000_000  # bytes
# `portal` gives `numbers` its path (docs/adr/0001); neither loads Django.
START = (
    "import sys; sys.path.insert(0, sys.argv[1]); import portal; "
    "from numbers.documents.inspection.process import main; main()"
)
HOME = str(Path(__file__).resolve().parents[3])
CODE, MESSAGE = re.compile(r"document_[a-z_]{1,40}"), re.compile(r"[^\x00-\x1f]{1,400}")
READY = b"ready\n"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InspectionResult:
    facts: dict[str, Any]
    data: bytes


def run(task: str, data: bytes, **facts: Any) -> InspectionResult:
    """Raises DocumentRejected, also when the process runs into its limits; ``document_check_unavailable`` (503) when
    it cannot be started."""
    order = json.dumps({"task": task, "seconds": SECONDS, "wall_seconds": WALL_SECONDS} | facts).encode() + b"\n"
    no_cache = ["-B"] if sys.dont_write_bytecode else []  # with an empty environment it would not know
    try:
        # Nothing is inherited: neither settings and keys in the environment nor open connections.
        process = subprocess.Popen(  # noqa: S603  our own program, and nothing of the user's in its arguments
            [sys.executable, "-I", *no_cache, "-c", START, HOME],
            env={"LANG": "C.UTF-8"},
            cwd="/",
            close_fds=True,
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        log.exception("documents.inspection_not_started")
        raise unavailable() from error
    answer = _talk(process, order + data)
    return _read(answer, process.returncode, task)


def unavailable() -> DomainError:
    return DomainError(
        "document_check_unavailable",
        "Files cannot be checked right now, so nothing was stored. Please try again in a few minutes.",
        field="file",
        status=503,
    )


def _talk(process: subprocess.Popen[bytes], question: bytes) -> bytes:
    """It reads everything before it writes, so one after the other cannot lock; the timer ends whatever hangs."""
    question_pipe, answer_pipe = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    timer = threading.Timer(WALL_SECONDS, process.kill)
    timer.start()
    try:
        try:
            question_pipe.write(question)
            question_pipe.close()
        except BrokenPipeError:
            pass  # it died; the answer tells
        answer = answer_pipe.read(LONGEST_ANSWER + 1)
        if len(answer) > LONGEST_ANSWER:
            process.kill()
        process.wait()
        return answer
    finally:
        timer.cancel()
        process.kill()
        answer_pipe.close()
        process.wait()


def _read(answer: bytes, status: int, task: str) -> InspectionResult:
    ready, began, rest = answer.partition(READY)
    if ready or not began:
        log.error("documents.inspection_not_ready", extra={"status": status, "task": task})
        raise unavailable()
    line, newline, data = rest.partition(b"\n")
    try:
        facts = json.loads(line) if newline and status == 0 else None
    except ValueError:
        facts = None
    if not isinstance(facts, dict) or len(answer) > LONGEST_ANSWER:
        log.warning("documents.inspection_ended", extra={"status": status, "task": task})
        raise too_complex()
    if "code" in facts:
        code, message = str(facts["code"]), str(facts.get("message"))
        if "because" in facts:  # not a rule but an accident; the file may be one that deserves a rule
            log.warning("documents.inspection_failed", extra={"because": str(facts["because"])[:80], "task": task})
        if not (CODE.fullmatch(code) and MESSAGE.fullmatch(message)):
            raise too_complex()
        raise DocumentRejected(message, code=code)
    return InspectionResult(facts, data)
