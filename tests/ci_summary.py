"""``python -m tests.ci_summary REPORT``: fails when no browser test has run or anything was skipped; says the count."""

import sys
from xml.etree import ElementTree

BROWSER = "tests.journeys."


def problems(report: str) -> list[str]:
    cases = list(ElementTree.parse(report).iter("testcase"))
    skipped = [case for case in cases if case.find("skipped") is not None]
    browser = [case for case in cases if case.get("classname", "").startswith(BROWSER)]
    found = [f"skipped: {case.get('classname')}.{case.get('name')}" for case in skipped]
    if not browser:
        found.append("no browser test has run")
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    print(
        f"===== {len(cases) - len(skipped) - len(failed)} passed, {len(failed)} failed, {len(skipped)} skipped; "
        f"{len(browser)} of them in a browser ====="
    )
    return found


def main() -> int:
    found = problems(sys.argv[1])
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
