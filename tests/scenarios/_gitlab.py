"""What GitLab's own description says of the calls that a merge request needs, against which the forge of the scenarios holds every request.
Read from `doc/api/openapi/openapi_v2.yaml` of github.com/gitlabhq/gitlabhq at 38605be5543221e400c72b4c42471cd55392e394 (API v4, Swagger 2): paths,
parameters, required fields, values and errors of these operations. That file describes no notes of merge requests; projects, users and the look at one merge request were not read."""

import re

PROJECT = "/projects/[^/]+"
STATUS = ["pending", "running", "success", "failed", "canceled", "skipped"]
PAGES = {"page": "integer", "per_page": "integer"}
CHANGE = {"title": "string", "target_branch": "string", "assignee_id": "integer", "assignee_ids": ["integer"], "reviewer_ids": ["integer"], "description": "string",
          "labels": ["string"], "add_labels": ["string"], "remove_labels": ["string"], "milestone_id": "integer", "remove_source_branch": "boolean",
          "allow_collaboration": "boolean", "allow_maintainer_to_push": "boolean", "squash": "boolean", "merge_after": "string", "approvals_before_merge": "integer"}

# method, path -> what may stand in the query, what may and must stand in the body, and the errors that are described. A list of one is an
# array of that type, {"among": …} one of these values.
OPERATIONS = {
    ("GET", f"{PROJECT}/merge_requests"): {
        "query": {**PAGES, "state": {"among": ["opened", "closed", "locked", "merged", "all"]}, "source_branch": "string", "target_branch": "string", "source_project_id": "integer",
                  "order_by": {"among": ["created_at", "label_priority", "milestone_due", "popularity", "priority", "title", "updated_at", "merged_at"]}, "sort": {"among": ["asc", "desc"]}},
        "errors": [401, 404, 422]},
    ("POST", f"{PROJECT}/merge_requests"): {
        "body": {**CHANGE, "source_branch": "string", "target_project_id": "integer"}, "required": ["title", "source_branch", "target_branch"], "errors": [400, 401, 404, 409, 422]},
    ("PUT", f"{PROJECT}/merge_requests/[0-9]+"): {
        "body": {**CHANGE, "state_event": {"among": ["close", "reopen"]}, "discussion_locked": "boolean"}, "errors": [400, 404, 409, 422]},
    ("GET", f"{PROJECT}/repository/commits/[0-9a-f]+/statuses"): {
        "query": {**PAGES, "ref": "string", "stage": "string", "name": "string", "pipeline_id": "integer", "all": "boolean", "order_by": {"among": ["id", "pipeline_id"]}, "sort": {"among": ["asc", "desc"]}},
        "errors": [401, 403, 404]},
    ("POST", f"{PROJECT}/statuses/[0-9a-f]+"): {
        "body": {"state": {"among": STATUS}, "ref": "string", "target_url": "string", "description": "string", "name": "string", "context": "string", "coverage": "number", "pipeline_id": "integer"},
        "required": ["state"], "errors": [400, 401, 403, 404, 409]},
}


def operation(method, path):
    return next((described for (verb, pattern), described in OPERATIONS.items() if verb == method and re.fullmatch(pattern, path)), None)


def is_of(value, kind):
    if isinstance(kind, dict):
        return value in kind["among"]
    if isinstance(kind, list):
        return isinstance(value, list) and all(is_of(one, kind[0]) for one in value)
    if isinstance(value, bool) or kind == "boolean":
        return isinstance(value, bool) and kind == "boolean"
    return isinstance(value, {"string": str, "integer": int, "number": (int, float)}[kind])


def query_value(text, kind):
    return int(text) if kind == "integer" and text.isdigit() else text == "true" if kind == "boolean" and text in ("true", "false") else text


def complaints(method, path, query, body):
    """what of a request is not as described; empty: nothing, or nothing is known of the operation"""
    described = operation(method, path)
    if not described:
        return []
    wrong = [f"{name} is missing" for name in described.get("required", []) if name not in body]
    for name, value, known in [*((name, values[0], described.get("query", {})) for name, values in query.items()), *((name, value, described.get("body", {})) for name, value in body.items())]:
        kind = known.get(name)
        if kind is None:
            wrong.append(f"{name} is no parameter of it")
        elif not is_of(query_value(value, kind) if known is described.get("query") else value, kind):
            wrong.append(f"{name} is {value!r} and no {kind}")
    return wrong
