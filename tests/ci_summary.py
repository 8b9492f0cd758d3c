"""``python -m tests.ci_summary REPORT``: fails when no browser or switch test has run or anything was skipped; says the
counts."""

import sys
from xml.etree import ElementTree

BROWSER, SWITCH = "tests.journeys.", "tests.switch."


def problems(report: str) -> list[str]:
    cases = list(ElementTree.parse(report).iter("testcase"))
    skipped = [case for case in cases if case.find("skipped") is not None]
    browser = [case for case in cases if case.get("classname", "").startswith(BROWSER)]
    switch = [case for case in cases if case.get("classname", "").startswith(SWITCH)]
    found = [f"skipped: {case.get('classname')}.{case.get('name')}" for case in skipped]
    if not browser:
        found.append("no browser test has run")
    if not switch:
        found.append("no test with a switch has run")
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    print(
        f"===== {len(cases) - len(skipped) - len(failed)} passed, {len(failed)} failed, {len(skipped)} skipped; "
        f"{len(browser)} of them in a browser, {len(switch)} with a switch ====="
    )
    return found


def main() -> int:
    found = problems(sys.argv[1])
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
