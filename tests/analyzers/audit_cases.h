// Small changes and what the audit says of them: one table of cases a subject.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/audit/audit.h"

namespace baton::audit_cases {

inline std::string kinds_of(const std::vector<AuditFinding>& findings) {
  std::string text;
  for (const AuditFinding& finding : findings) text += (finding.escalates ? "!" : "") + finding.kind + " ";
  return text;
}

// The kind that escalates; empty: nothing does.
inline void expect_kind(const std::string& name, const std::vector<AuditFinding>& findings, const std::string& kind) {
  const auto found = std::find_if(findings.begin(), findings.end(), [](const AuditFinding& finding) { return finding.escalates; });
  if (kind.empty()) {
    EXPECT_EQ(found, findings.end()) << name << ": " << kinds_of(findings) << (found == findings.end() ? "" : found->message);
    return;
  }
  ASSERT_NE(found, findings.end()) << name << ": nothing escalates, found " << kinds_of(findings);
  EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), [&](const AuditFinding& finding) { return finding.escalates && finding.kind == kind; })) << name << ": " << kinds_of(findings);
  EXPECT_FALSE(found->message.empty());
  EXPECT_GT(found->line, 0) << name;
}

struct Case {
  const char* name;
  const char* path;
  std::string before, after;
  const char* escalates;  // the kind that escalates; empty: nothing does
  const char* task = "";
};

inline void check(const Case& one) {
  const std::optional<std::string> task = *one.task ? std::optional<std::string>(one.task) : std::nullopt;
  expect_kind(one.name, audit_change({{one.path, one.path, one.before, one.after}}, task), one.escalates);
}

// A change of several files: with the path alone where it is the same on both sides. An empty text: the file is not there.
struct OneFile {
  const char* path;
  std::string before, after;
};
struct Change {
  const char* name;
  std::vector<OneFile> files;
  const char* escalates;
  const char* task = "";
  const char* note = "";  // a kind that is among the notes
};

inline void check(const Change& one) {
  std::vector<AuditedFile> files;
  for (const OneFile& file : one.files) {
    files.push_back({file.path, file.path, {}, {}});
    if (!file.before.empty()) files.back().before = file.before;
    if (!file.after.empty()) files.back().after = file.after;
  }
  const std::optional<std::string> task = *one.task ? std::optional<std::string>(one.task) : std::nullopt;
  const auto findings = audit_change(files, task);
  expect_kind(one.name, findings, one.escalates);
  if (*one.note) EXPECT_NE(kinds_of(findings).find(one.note), std::string::npos) << one.name << ": " << kinds_of(findings);
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == text.npos) ADD_FAILURE() << from;
  else text.replace(at, from.size(), to);
  return text;
}

}  // namespace baton::audit_cases
