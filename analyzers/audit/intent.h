// What the task's words say about the checks: whether behaviour is to stay, whether something is to go or to be switched off, and
// whether a changed expectation is among what was asked for. Pure; any thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/audit/task_clauses.h"

namespace baton::audit {

class Intent {
 public:
  Intent() = default;
  explicit Intent(const std::optional<std::string>& task);

  bool given() const { return given_; }
  bool keeps_behaviour() const { return keeps_; }
  // `about`: names of what changed (test, subject, file). By a clause that asks for other behaviour of it, or names what is expected now.
  bool explains_change(std::string_view about, std::string_view is, std::string_view was = {}) const;
  bool explains_removal(std::string_view about) const;
  bool takes_away(std::string_view name) const;  // it says of this very name that it is to go
  bool takes_away_kind(std::string_view kind) const;
  bool allows(std::string_view refused) const;   // what was refused until now, told in much the same words
  bool names_both(std::string_view was, std::string_view is) const;  // every word that one value has and the other lacks: a rename
  bool asks_for_other_tests() const { return retests_; }  // by those words: "adapt the tests to ..."
  bool rewrites_tests() const { return rewrites_; }
  bool explains_wording(std::string_view was, std::string_view is) const;  // a message in other words, no number among them
  bool explains_switching_off() const { return disables_; }  // of tests
  bool explains_skipping(std::string_view name) const;       // of what bears that name
  bool explains_setting(std::string_view words_of_it) const;
  bool mentions(std::string_view about) const;

 private:
  bool names_value(const TaskClause& clause, const std::string& literal) const;
  bool asks(const TaskClause& clause) const;

  std::vector<TaskClause> clauses_;
  bool given_ = false, says_so_ = false, keeps_ = false, removes_ = false, disables_ = false, allows_ = false, retests_ = false, rewrites_ = false, rewords_ = false, reverts_ = false;
  std::set<std::string> words_;
  std::set<std::string> code_;  // names of code in it, in lower case
  std::string text_;  // in lower case
  std::string told_;
};

}  // namespace baton::audit
