"""Sorts the findings of a run of Schemathesis by the reason for which the server differs from the contract.

    python sort.py REPORT.ndjson REASONS.json

REASONS.json is a list of objects: `reason`, and what a finding must match to have it, each a regular
expression that is searched for: `check`, `status`, `operation`, `code` (the code in the answer),
`detail` (its detail, with the rule of the first of its errors), `finding` (what Schemathesis says),
`request` (method, address and headers). The first that matches is the reason.

Prints a line for each reason with the number of findings, then what no reason explains. The exit code is
1 if there is such a finding, or if a reason explains none.
"""

import base64
import collections
import json
import re
import sys


def text_of(body):
    raw = (body or {}).get("$base64", "")
    return base64.b64decode(raw).decode("utf-8", "replace")


def told(answer):
    """The code and the detail of a problem document."""
    try:
        problem = json.loads(answer)
    except ValueError:
        return "", answer[:300]
    if not isinstance(problem, dict) or "detail" not in problem:
        return "", ""
    rules = [error.get("rule", "") for error in problem.get("errors", [])]
    return str(problem.get("code", "")), " ".join([str(problem["detail"]), *rules])


def findings(path):
    """What each finding is, for every case that was sent."""
    for line in open(path, encoding="utf-8"):
        event = json.loads(line).get("ScenarioFinished")
        recorder = (event or {}).get("recorder") or {}
        cases, interactions = recorder.get("cases", {}), recorder.get("interactions", {})
        yield "sent", len(interactions)
        for case, checks in recorder.get("checks", {}).items():
            for check in checks:
                if check["status"] != "failure":
                    continue
                interaction = interactions.get(case) or {}
                request, response = interaction.get("request") or {}, interaction.get("response") or {}
                meta = (cases[case]["value"].get("meta") or {}).get("phase") or {}
                about = (meta.get("data") or {}).get("description") or ""
                code, detail = told(text_of(response.get("content")))
                headers = "".join(f"\n{name}: {value}" for name, value in (request.get("headers") or {}).items())
                yield "finding", {
                    "check": check["name"],
                    "status": str(response.get("status_code", "")),
                    "operation": recorder.get("label", ""),
                    "code": code,
                    "detail": detail,
                    "finding": f'{check["failure_info"]["failure"]["message"]}\n{about}',
                    "request": f'{request.get("method", "")} {request.get("uri", "")}{headers}',
                    "body": text_of(request.get("body"))[:400],
                }


def main(report, reasons):
    reasons = json.load(open(reasons, encoding="utf-8"))
    counts, unexplained, sent = collections.Counter(), [], 0
    for kind, value in findings(report):
        if kind == "sent":
            sent += value
            continue
        for nth, reason in enumerate(reasons):
            rules = [(name, rule) for name, rule in reason.items() if name != "reason"]
            if all(re.search(rule, value[name]) for name, rule in rules):
                counts[nth] += 1
                break
        else:
            unexplained.append(value)
    print(f"{sent} requests, {sum(counts.values()) + len(unexplained)} findings")
    for nth, reason in enumerate(reasons):
        print(f"{counts[nth]:6}  {reason['reason']}")
    kinds = collections.defaultdict(list)
    for value in unexplained:
        kinds[value["check"], value["status"], value["operation"], value["code"]].append(value)
    for kind, values in sorted(kinds.items()):
        print(f"\nunexplained, {len(values)}: {' '.join(kind)}")
        for name in ["finding", "detail", "request", "body"]:
            print(f"  {name}: {values[0][name][:500]}")
    idle = [reason["reason"] for nth, reason in enumerate(reasons) if not counts[nth]]
    for reason in idle:
        print(f"\nexplains nothing: {reason}")
    return 1 if unexplained or idle else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
