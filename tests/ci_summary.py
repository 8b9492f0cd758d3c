"""``python -m tests.ci_summary REPORT``: fails when no browser, switch or gateway test has run or anything was skipped;
says the counts."""

import sys
from xml.etree import ElementTree

KINDS = {"in a browser": "tests.journeys.", "with a switch": "tests.switch.", "with a gateway": "tests.gateway."}


def problems(report: str) -> list[str]:
    cases = list(ElementTree.parse(report).iter("testcase"))
    skipped = [case for case in cases if case.find("skipped") is not None]
    counts = {
        kind: sum(case.get("classname", "").startswith(prefix) for case in cases) for kind, prefix in KINDS.items()
    }
    found = [f"skipped: {case.get('classname')}.{case.get('name')}" for case in skipped]
    found += [f"no test {kind} has run" for kind, count in counts.items() if not count]
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    print(
        f"===== {len(cases) - len(skipped) - len(failed)} passed, {len(failed)} failed, {len(skipped)} skipped; "
        f"{', '.join(f'{count} {kind}' for kind, count in counts.items())} ====="
    )
    return found


def main() -> int:
    found = problems(sys.argv[1])
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
