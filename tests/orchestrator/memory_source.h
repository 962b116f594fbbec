// A workspace in memory and a PATH of programs that are never run: discovery reads files and looks programs up, nothing else.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>

#include "orchestrator/discover.h"
#include "support/files.h"

namespace baton {

class MemorySource : public FileSource {
 public:
  explicit MemorySource(std::map<std::string, std::string> content) : content_(std::move(content)) {
    for (const auto& [path, text] : content_) paths_.push_back(path);
  }
  std::optional<std::string> read(std::string_view path) const override {
    const auto found = content_.find(std::string(path));
    return found == content_.end() ? std::nullopt : std::optional(found->second);
  }
  const std::vector<std::string>& files() const override { return paths_; }

 private:
  std::map<std::string, std::string> content_;
  std::vector<std::string> paths_;
};

class Programs {
 public:
  Programs(std::initializer_list<const char*> names) : folder_(*TemporaryFolder::make("/tmp", "baton-programs-")) {
    for (const char* name : names) EXPECT_TRUE(write_file(folder_.path() / name, "#!/bin/sh\nexit 1\n", 0755).ok());
  }
  Environment environment() const { return {{"PATH", folder_.path().string()}}; }

 private:
  TemporaryFolder folder_;
};

inline const Programs& usual_programs() {
  static const Programs kPrograms{"cmake", "ninja", "cc", "c++", "make", "node", "npm", "python3"};
  return kPrograms;
}

inline GatePlan plan_for(std::map<std::string, std::string> files, const Config& config = {},
                         const Programs& programs = usual_programs()) {
  return discover_gates(MemorySource(std::move(files)), config, programs.environment());
}

inline const Gate* find_gate(const GatePlan& plan, std::string_view name) {
  for (const Gate& gate : plan.gates) {
    if (gate.name == name) return &gate;
  }
  return nullptr;
}

inline std::string words(const std::vector<std::string>& argv) {
  std::string text;
  for (const std::string& word : argv) text += (text.empty() ? "" : " ") + word;
  return text;
}

// One line a gate: "kind name | argv"; "(kind)" when it is not required.
inline std::string gate_lines(const GatePlan& plan) {
  std::string text;
  for (const Gate& gate : plan.gates) {
    const std::string kind(to_string(gate.kind));
    text += (gate.required ? kind : "(" + kind + ")") + " " + gate.name + " | " + words(gate.argv) + "\n";
  }
  return text;
}

// The same without set-up gates.
inline std::string check_lines(GatePlan plan) {
  std::erase_if(plan.gates, [](const Gate& gate) { return gate.kind == GateKind::setup; });
  return gate_lines(plan);
}

inline bool advises(const GatePlan& plan, std::string_view about, bool blocking) {
  for (const Advice& advice : plan.advice) {
    if (advice.about == about && advice.blocking == blocking && !advice.message.empty()) return true;
  }
  return false;
}

}  // namespace baton
