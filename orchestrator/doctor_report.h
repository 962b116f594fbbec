// `baton doctor --json`, and back to the value. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "orchestrator/engine.h"

namespace baton {

nlohmann::json to_json(const DoctorReport& report);
Result<DoctorReport> doctor_report_from_json(const nlohmann::json& json);

}  // namespace baton
