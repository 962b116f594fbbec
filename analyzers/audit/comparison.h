// The tests of two versions side by side, and what is found between them. Each part of it stands in a file of its own: who is who
// (compare_tests.cpp), what names stand for (compare_values.cpp), checks (compare_checks.cpp, compare_forms.cpp, compare_alternatives.cpp, compare_tables.cpp), questions (compare_questions.cpp), what is
// gone (compare_removed.cpp), what became of each test (compare_fates.cpp), marks and replacements (compare_marks.cpp).
#pragma once

#include <re2/re2.h>

#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/compare_tests.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {

// A check taken apart into its words, once: each is held against many.
struct Spelling {
  std::vector<std::size_t> words;  // by which it is like another, each as a number, in order of these
  std::vector<std::string> form;   // names of its subject, in order
  std::vector<std::string> said;   // values of its text
  std::vector<std::string> asked;  // values of its subject
  std::vector<std::string> values;  // of its subject and of what it expects
  std::set<std::string> looked_at;  // names of its text that are neither called nor an assertion's
  std::set<std::string> names;     // of its text
  std::set<std::string> called;    // by its subject
};
Spelling spelling_of(const Check& check);
// `if got != want { t.Fatal(got) }`: its text says how it fails, and nothing of what it holds.
bool is_held_by_hand(const Check& check);
double likeness(const Spelling& a, const Spelling& b);

// A unit of one side with all that it insists on, its calls of checking helpers included.
struct Entry {
  std::size_t file = 0;
  const TestUnit* unit = nullptr;
  bool test = false;  // collected
  bool called = false;  // of a helper: by something that changed
  std::vector<Check> checks;
  std::vector<Spelling> spelled;  // of each check
  std::vector<bool> used;  // of the head: stands for a check of the base; of the base: found again
  std::optional<std::size_t> pair;
  std::set<std::size_t> held_by;  // of the base: entries of the head that have its checks
  bool loosely = false;           // of the base: one of them stands in the place of a check that asked something else
};

struct Side {
  std::vector<Entry> entries;
};

bool holds(const Entry& entry);  // insists on anything
bool other_truth(const Check& was, const Check& is);  // one of them a row, and the one is true where the other is false
bool holds_for_rows(const Entry& entry, std::size_t k);  // a plain check that says nothing without the rows beside it
bool is_trivial(const Check& check);  // asks with empty values alone, and expects one
std::string short_text(std::string_view text);
bool asks_the_environment(std::string_view condition);

class Comparison {
 public:
  Comparison(const std::vector<TestFilePair>& files, const Intent& intent, const Surroundings& around, std::stop_token stop) : files_(files), intent_(intent), around_(around), stop_(std::move(stop)) {}
  ComparedTests run();

 private:
  // what counts
  template <class Of>
  Side side(Of of, bool base);
  // What the program insists on for itself is no test, where its files may hold tests.
  static bool is_the_program(const TestFile& file, const TestUnit& unit, const std::set<std::string>& scopes);
  static std::string scope_of(const TestUnit& unit) { return unit.qualified.size() > unit.name.size() ? unit.qualified.substr(0, unit.qualified.size() - unit.name.size()) : std::string(); }
  static std::set<std::string> scopes_of_tests(const TestFile& file);
  static bool stands_by_tests(const TestUnit& unit, const std::set<std::string>& scopes);
  static bool by_content(Language language);
  static bool is_hook(std::string_view name);
  static bool gives_a_value(const CallSite& call, std::string_view text);
  template <class Of>
  bool is_of_an_import(const CallSite& call, std::size_t file, Of of) const;
  static bool stands_by_itself(const TestFile& file, const TestUnit& unit);
  std::set<std::string> helpers_of_tests() const;
  bool helped_only(const Entry& base) const;
  void given_away(const Entry& base);
  static bool known_helper(const TestFile& file, const std::string& name);
  static bool was_test(const TestFile& file, const std::string& name);

  // which unit is which
  static bool alike_kind(const Entry& a, const Entry& b) { return a.test == b.test && a.unit->is_group == b.unit->is_group && a.unit->name.empty() == b.unit->name.empty(); }
  template <class Same>
  void pair_by(Same same);
  void pair_units();

  // names and what they stand for (compare_values.cpp)
  void name_values(Side& side, bool base) const;
  const NamedValue* value_of(std::string_view name, std::size_t file, bool base) const;
  const NamedValue* value_in(const Entry& entry, const std::string& name, bool base) const;
  bool told_elsewhere(const std::string& element, const std::string& name) const;
  void compare_values();
  void compare_value(std::size_t file, const std::string& name, const NamedValue& was, const NamedValue* is);
  void shorter_list(std::size_t file, const std::string& name, const NamedValue& was, const NamedValue* is);
  void other_value(std::size_t file, const std::string& name, const NamedValue& was, const NamedValue& is);
  void compare_iterations();
  void compare_answers();
  void report_value(const char* kind, bool escalates, std::size_t file, const NamedValue& was, const NamedValue* is, std::string message);

  // checks that are still there
  void take(Entry& base, std::size_t i, Entry& head, std::size_t k);
  void judge_condition(const Entry& base, const Check& was, const Entry& head, const Check& is);
  void find_again();
  void exact(Entry& base, Entry& head);

  // checks that are not
  void judge(std::size_t index);
  void stands_elsewhere(Entry& base, const std::vector<std::size_t>& left, Entry& head);
  std::optional<std::size_t> in_called_helper(const Check& was, const Entry& head) const;
  static std::optional<std::size_t> asked_of_a_throw(const Check& was, const Entry& head);
  static std::optional<std::size_t> runs_unguarded(const Check& was, const Entry& head);
  std::optional<std::size_t> unwrapped(const Entry& base, const Check& was, const Entry& head) const;
  std::optional<std::size_t> thrown_by_a_test(const Check& was);
  void by_subject(Entry& base, std::size_t i, Entry& head);
  // the same in another form (compare_forms.cpp)
  static std::optional<std::size_t> element_of(const Entry& entry, const Check& one, const Check& whole, Language language);
  void element_by_element(Entry& base, std::size_t i, Entry& head);
  bool is_made_of(const Entry& head, const Check& whole, const Entry& base, const std::vector<std::size_t>& answers) const;
  void answers_in_a_list(Entry& base, const std::vector<std::size_t>& left, Entry& head);
  std::optional<std::size_t> in_a_whole(const Entry& base, std::size_t i, const Entry& head) const;
  static void said_once(Entry& base, std::size_t i, const Entry& head);
  static std::optional<std::size_t> in_a_longer_text(const Check& was, const Entry& head);
  static void arms_become_one(Entry& base, std::size_t i, Entry& head);
  static bool both_bounds(Entry& base, std::size_t i, Entry& head);
  void part_by_part(Entry& base, std::size_t i, Entry& head);
  // of several any will do (compare_alternatives.cpp)
  static bool is_one_way_of(const Check& was, const Entry& head, const Check& is);
  void takes_more(Entry& base, std::size_t i, Entry& head);
  // by the helper that gave it (compare_givers.cpp)
  static std::string handed(const CallSite& call, const TestUnit& to, const std::string& parameter);
  std::optional<std::size_t> insisted_on_by_its_giver(const Check& was, const Entry& head) const;
  static void says_more(Entry& base, std::size_t i, Entry& head);
  static std::string text_inside(const std::string& code);
  static bool expects_another_value(const Entry& base, const Check& was, const Entry& head);
  static bool are_other_texts(const std::string& was, const std::string& is);
  bool follows_the_data(const Entry& base, const Check& was, const Entry& head, const Check& is) const;
  static bool same_subject(const Check& was, const Check& is);
  static bool better(const Check& was, const Check& a, const Check& b);
  void changed(const Entry& base, const Check& was, const Entry& head, const Check& is);
  static std::vector<std::string> tokens_inside(const std::string& code);
  static bool mentions_type(const Check& was, const Check& is) { return is.strength >= 3 && was.expected.find('|') == std::string::npos; }
  bool weakens(const Check& was, const Check& is) const;
  void judge_bound(const Entry& base, const Check& was, const Entry& head, const Check& is);
  static bool wider(const Check& was, const Check& is);
  static std::string number(double value);
  std::string about(const Entry& entry) const { return entry.unit->qualified + " " + files_[entry.file].head.path + " " + files_[entry.file].base.path; }
  bool concerns_gone(const std::string& code) const;
  bool other_blanks(const Check& was, const Check& is) const;
  bool said_by_the_program(const Check& was, const Check& is) const;
  bool is_told_by_others(const Check& was, const Entry& head, const Check& is) const;
  bool became_a_helper(const Check& was, const Check& is) const;
  // plain checks and tables, each as the other (compare_tables.cpp)
  static void rows_written_out(Entry& base, const std::vector<std::size_t>& left, const Entry& head);
  void other_values_in_a_table(Entry& base, const std::vector<std::size_t>& left, Entry& head);
  void put_other_values(Entry& base, std::size_t i, Entry& head, std::size_t k);
  static bool is_said_without_its_name(const Check& was, std::vector<std::string> said);
  bool is_in_a_row(const Check& was, const Entry& head, const Check& is) const;
  static bool goes_through_rows(const Entry& entry, const std::string& row);
  bool only_adds(const Check& was, const Check& is) const;
  bool asks_for_more(const Entry& base, const Check& was, const Entry& head, const Check& is) const;
  static bool spelled_with_names(const std::string& was, const std::string& is);
  std::string with_values(const Check& check, const Entry& entry, bool base) const;
  void row_by_row(Entry& base, const std::vector<std::size_t>& left);
  std::optional<std::size_t> in_another_body(const Entry& base, std::size_t i);
  static bool asks_by_parameters(const Check& was, const std::set<std::string>& called, const Check& is, const TestUnit& body, const CallSite& call);
  std::optional<std::size_t> in_the_body(const Entry& base, std::size_t i, const Entry& head) const;
  static std::optional<std::size_t> in_a_loop(const Entry& base, std::size_t i, const Entry& head);
  static std::vector<std::string> plain_literals(const std::string& code);
  static std::string told(const Check& check);
  void expectation(const Entry& base, const Check& was, const Entry& head, const Check& is);
  void elsewhere(Entry& base, std::size_t i);
  std::optional<std::size_t> in_a_table(const Entry& base, const Check& was, const Entry* pair);
  std::optional<std::size_t> goes_through(const Entry& table, const Check& row) const;
  void answered_by_a_helper(Entry& base, std::size_t i, Entry& head);
  bool insists_as(const Check& was, const std::set<std::string>& asked, const Entry& head) const;
  static bool holds_all(const std::vector<std::string>& row, const std::vector<std::string>& wanted);
  bool provides_for(const Entry& head, const std::set<std::string>& asked) const;
  bool asks_one_of(const Entry& head, const std::set<std::string>& asked) const;
  void by_likeness(Entry& base, std::size_t i, Entry& head);
  void other_question(const Entry& base, const Check& was, const Entry& head, const Check& is);
  static bool follows_its_setting(const Entry& base, const Check& was, const Entry& head, const Check& is);
  bool asked_elsewhere(const Check& was) const;
  bool answers_otherwise(const Check& was, const Check& is) const;
  static bool is_called_otherwise(const Entry& base, const Check& was, const Entry& head, const Check& is);
  static bool first_is_title(const Entry& table);
  static bool key_is_title(const Entry& table);
  void vanished(Entry& base, const std::vector<std::size_t>& left);
  std::string called_text(const Entry& entry) const;
  bool is_new(const Entry& head) const;
  bool keeps_its_ground(const Entry& base, const Check& was) const;
  bool is_unsaid(const Check& check) const;
  bool called_as_often(const std::string& helper) const;
  std::set<std::string> asked_by(const Entry& base) const;
  bool takes_its_place(const Entry& base, std::size_t i, const Entry& head, std::size_t k) const;
  void gave_way(Entry& base, const std::vector<std::size_t>& left);
  bool rewritten_file(const Entry& base, std::size_t) const;
  static bool is_assertion_name(std::string_view name);
  static bool asks_no_more(const Check& was, const Entry& head);
  bool is_refused_now(const Entry& base, const std::vector<std::size_t>& left, const Entry& head) const;
  void missing(Entry& base, const std::vector<std::size_t>& left, const Entry* head);

  // what became of a test (compare_fates.cpp)
  std::vector<AuditedTest> fates() const;
  AuditedTest fate_of(const Entry& base) const;
  PlacedTest placed(const Entry& entry, bool base) const;
  bool is_missed(const AuditedTest& test) const;
  std::vector<const Entry*> holders(const Entry& base) const;
  bool held_by_tests(const Entry& base, const std::vector<const Entry*>& by) const;
  bool removed_by_task(const Entry& base) const;
  using Row = std::pair<const Entry*, std::size_t>;
  std::vector<Row> rows_of(const Entry& base) const;
  std::size_t cases_gone_through(const Entry& base, const std::vector<const Entry*>& by) const;
  std::vector<std::string> cases_removed_by_task(const Entry& base) const;
  bool task_takes_away(const Check& row) const;
  bool asks_what_is_removed(const Entry& base, std::string_view code, int depth = 0) const;
  bool task_removes(const Entry& base, const std::string& name) const;

  // marks
  static bool same_mark(const OffMark& a, const OffMark& b) { return a.kind == b.kind && normalised(a.condition) == normalised(b.condition); }
  bool holds_known_tests(const Entry& group) const;
  void compare_marks();
  void put_mark(const Entry& head, const Entry* base, const OffMark& mark, bool known);

  // what is put in place of the program
  void compare_replacements();
  bool replaces_subject(const Entry& entry, const Replacement& one) const;
  static bool asks(const std::string& code, const std::string& name, const std::string& owner);
  void put_replacement(const Entry& entry, const Replacement& one);

  // findings
  static void put_lines(std::string& out, std::string_view text, int first, int last, char sign);
  static std::string hunk(std::string_view base, int from, int to, std::string_view head, int head_from, int head_to);
  void report(const char* kind, bool escalates, const Entry& head, const Check& is, const Entry* base, const Check* was, std::string message);
  void finish(AuditFinding finding);

  const std::vector<TestFilePair>& files_;
  const Intent& intent_;
  const Surroundings& around_;
  std::stop_token stop_;
  Side base_, head_;
  std::set<std::string> helpers_;  // of the result
  std::set<const Check*> stand_for_rows_;  // plain checks of the result, each for one case
  std::set<std::string> told_;  // names whose other value has been reported where it is used
  std::vector<AuditFinding> findings_;
};

}  // namespace baton::audit
