// Findings, tests and a run's diagnosis as JSON and back, without loss; the names are those of docs/formats.md. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "analyzers/diagnose.h"
#include "orchestrator/gate.h"
#include "orchestrator/json_fields.h"

namespace baton {

nlohmann::json finding_json(const Finding& finding);  // fields that say nothing are left out
Finding finding_from(JsonFields& fields, const nlohmann::json& json);

nlohmann::json counts_json(const std::optional<int>& total, const std::optional<int>& passed,
                           const std::optional<int>& failed, const std::optional<int>& skipped);  // null where not told

nlohmann::json diagnosis_json(const Diagnosis& diagnosis);
Diagnosis diagnosis_from(JsonFields& fields, const nlohmann::json& json);

RunVerdict run_verdict_from(JsonFields& fields, const nlohmann::json& object, const char* name);
GateKind gate_kind_from(JsonFields& fields, const nlohmann::json& object, const char* name);
Severity severity_from(JsonFields& fields, const nlohmann::json& object, const char* name);

nlohmann::json or_null(const std::optional<int>& value);

}  // namespace baton
