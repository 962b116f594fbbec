#include "orchestrator/verification_plan.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "support/json.h"

namespace baton {
namespace {

const Gate* find(const std::vector<Gate>& gates, std::string_view name) {
  const auto found = std::find_if(gates.begin(), gates.end(), [&](const Gate& gate) { return gate.name == name; });
  return found == gates.end() ? nullptr : &*found;
}

bool same_command(const Gate& a, const Gate& b) {
  return a.argv == b.argv && a.cwd == b.cwd && a.env == b.env;
}

// The base's gate as it runs on the head: its own command, with the set-up that the head has.
Gate on_head(const Gate& base, const Gate* own, const std::vector<Gate>& head) {
  Gate gate = base;
  std::vector<std::string> needs = own ? own->needs : std::vector<std::string>{};
  for (const std::string& need : base.needs) {
    if (find(head, need) && std::find(needs.begin(), needs.end(), need) == needs.end()) needs.push_back(need);
  }
  if (!own && needs.empty()) {
    for (const Gate& other : head) {
      if (other.kind == GateKind::setup) needs.push_back(other.name);
    }
  }
  gate.needs = needs;
  return gate;
}

// A gate of the head that does what a removed one did.
const Gate* successor(const Gate& removed, const std::vector<Gate>& base, const std::vector<Gate>& head) {
  for (const Gate& gate : head) {
    if (gate.kind == removed.kind && !find(base, gate.name)) return &gate;
  }
  return nullptr;
}

PlannedGate plan_gate(const Gate& base, const GatePlan& base_plan, const GatePlan& head, std::set<std::string>& taken) {
  PlannedGate planned;
  planned.base = base;
  const Gate* own = find(head.gates, base.name);
  if (base.kind == GateKind::setup) {
    if (own) planned.head = *own;
    return planned;
  }
  planned.head = on_head(base, own, head.gates);
  if (own && !same_command(base, *own)) planned.replacement = *own;
  if (!own) {
    if (const Gate* next = successor(base, base_plan.gates, head.gates); next && !taken.count(next->name)) {
      planned.replacement = *next;
      taken.insert(next->name);
    }
  }
  return planned;
}

AuditFinding removed_gate(const Gate& gate) {
  return {gate.source.substr(0, gate.source.find(':')), 0, "gate_removed", Severity::warning,
          "The result no longer defines the gate \"" + gate.name + "\" (" + std::string(to_string(gate.kind)) + ")."};
}

// A gate that only the head has goes where what it needs has been placed.
void order(std::vector<PlannedGate>& gates) {
  std::vector<PlannedGate> ordered;
  std::set<std::string> names, placed;
  for (const PlannedGate& gate : gates) names.insert(gate.gate().name);
  const auto ready = [&](const std::optional<Gate>& gate) {
    return !gate || std::all_of(gate->needs.begin(), gate->needs.end(),
                                [&](const std::string& need) { return placed.count(need) || !names.count(need); });
  };
  while (!gates.empty()) {
    auto next = std::find_if(gates.begin(), gates.end(), [&](const PlannedGate& gate) {
      return ready(gate.base) && ready(gate.head) && ready(gate.replacement);
    });
    if (next == gates.end()) next = gates.begin();  // a circle, only possible by configuration
    placed.insert(next->gate().name);
    ordered.push_back(std::move(*next));
    gates.erase(next);
  }
  gates = std::move(ordered);
}

void add_needs(const Gate& gate, const std::vector<const Gate*>& all, std::set<std::string>& seen,
               nlohmann::json& json) {
  for (const std::string& need : gate.needs) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Gate* other) { return other->name == need; });
    if (found == all.end() || !seen.insert(need).second) continue;
    json.push_back({(*found)->argv, (*found)->cwd, (*found)->env, (*found)->network});
    add_needs(**found, all, seen, json);
  }
}

}  // namespace

VerificationPlan plan_verification(const GatePlan* base, const GatePlan& head) {
  VerificationPlan plan;
  plan.tools = head.tools;
  plan.advice = head.advice;
  const bool base_speaks = base && std::any_of(base->gates.begin(), base->gates.end(),
                                               [](const Gate& gate) { return gate.kind != GateKind::setup; });
  if (base && !base_speaks && !head.gates.empty()) {
    plan.notes.push_back("The base defines no gate, so the result's own gates judge it.");
  }
  std::set<std::string> taken;
  if (base_speaks) {
    for (const std::string& tool : base->tools) {
      if (std::find(plan.tools.begin(), plan.tools.end(), tool) == plan.tools.end()) plan.tools.push_back(tool);
    }
    for (const Gate& gate : base->gates) {
      plan.gates.push_back(plan_gate(gate, *base, head, taken));
      taken.insert(gate.name);
      if (gate.kind != GateKind::setup && !find(head.gates, gate.name)) plan.audit.push_back(removed_gate(gate));
    }
  }
  for (const Gate& gate : head.gates) {
    if (taken.count(gate.name)) continue;
    PlannedGate planned;
    planned.head = gate;
    // Without gates of its own the base is still judged by the same ones, where it can be.
    if (base && !base_speaks) planned.base = gate;
    if (base_speaks && gate.kind != GateKind::setup) {
      plan.notes.push_back("The gate \"" + gate.name + "\" is new: the base does not define it.");
    }
    plan.gates.push_back(std::move(planned));
  }
  order(plan.gates);
  return plan;
}

Result<VerificationPlan> only_gates(VerificationPlan plan, const std::vector<std::string>& names) {
  if (names.empty()) return plan;
  std::set<std::string> wanted;
  std::vector<std::string> open = names;
  const auto known = [&](const std::string& name) {
    return std::find_if(plan.gates.begin(), plan.gates.end(),
                        [&](const PlannedGate& gate) { return gate.gate().name == name; });
  };
  for (const std::string& name : names) {
    if (known(name) != plan.gates.end()) continue;
    std::string all;
    for (const PlannedGate& gate : plan.gates) all += (all.empty() ? "" : ", ") + gate.gate().name;
    return Error{ErrorKind::usage,
                 "There is no gate \"" + name + "\"; " +
                     (all.empty() ? "no gate was found at all, see `baton doctor`." : "there are: " + all + ".")};
  }
  while (!open.empty()) {
    const std::string name = open.back();
    open.pop_back();
    const auto gate = known(name);
    if (gate == plan.gates.end() || !wanted.insert(name).second) continue;
    for (const auto* side : {&gate->base, &gate->head, &gate->replacement}) {
      if (*side) open.insert(open.end(), (*side)->needs.begin(), (*side)->needs.end());
    }
  }
  std::erase_if(plan.gates, [&](const PlannedGate& gate) { return !wanted.count(gate.gate().name); });
  return plan;
}

std::string gate_fingerprint(const Gate& gate, const std::vector<const Gate*>& all) {
  nlohmann::json json;
  json["argv"] = gate.argv;
  json["cwd"] = gate.cwd;
  json["env"] = gate.env;
  json["kind"] = to_string(gate.kind);
  json["timeout"] = gate.timeout.count();
  json["network"] = gate.network;
  json["reports"] = gate.reports;
  json["parser"] = gate.parser;
  json["needs"] = nlohmann::json::array();
  std::set<std::string> seen;
  add_needs(gate, all, seen, json["needs"]);
  return dump_json(json);
}

GatePlan everything(const VerificationPlan& plan) {
  GatePlan all;
  all.tools = plan.tools;
  all.advice = plan.advice;
  for (const PlannedGate& planned : plan.gates) {
    std::vector<const Gate*> kept;
    for (const auto* side : {&planned.base, &planned.head, &planned.replacement}) {
      if (!*side) continue;
      const Gate& gate = **side;
      if (std::any_of(kept.begin(), kept.end(), [&](const Gate* other) { return same_command(*other, gate); }))
        continue;
      kept.push_back(&gate);
      all.gates.push_back(gate);
    }
  }
  return all;
}

}  // namespace baton
