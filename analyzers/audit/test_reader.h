// The walk over one file's syntax tree that makes a TestFile of it; what each language has of its own stands in a file of its own.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/audit/syntax_nodes.h"
#include "analyzers/audit/test_file.h"

namespace baton::audit {

// What stands around a node.
struct Around {
  std::size_t unit = 0;
  bool dead = false;
  bool swallowed = false;
  std::string condition;
  bool in_loop = false;    // over a list that is written out
  int loop_line = 0;       // where that loop begins
  bool otherwise = false;  // in the other arm of that branch
  std::vector<Arm> arms;   // of every branch around it
  std::string scope;       // qualified name of the unit's parents
  std::set<std::string> missing;  // modules of which one is not there
  bool collected = true;   // the class around is one that its runner collects
};

class TestReader {
 public:
  TestReader(std::string_view path, std::string_view text, AuditedPart part);
  TestFile run();

 private:
  std::string_view text_of(TSNode node) const;
  TestUnit& unit(const Around& around) { return file_.units[around.unit]; }
  std::size_t begin_unit(TSNode whole, std::string name, const Around& around, bool is_test);
  void drop_shadowed();
  // test_reader.cpp: units, and the walk that every language shares
  void visit_children(TSNode node, const Around& around, int depth);
  void visit_block(TSNode node, Around around, int depth);
  bool ends_here(TSNode statement) const;
  std::string told(std::string_view condition, const Around& around) const;
  void leave_early(TSNode statement, Around& around) const;
  bool held_where(TSNode node, const Around& around, int depth);
  void visit(TSNode node, const Around& around, int depth);
  bool shared(TSNode node, std::string_view kind, const Around& around, int depth);
  bool branch(TSNode node, const Around& around, int depth);
  bool may_fail_by_hand(const Around& around) const;
  std::string failing_call_in(TSNode block, const Around& around, int depth = 0) const;
  bool swallows(TSNode handler) const;
  bool attempt(TSNode node, const Around& around, int depth);
  TSNode awaited_throw(TSNode node, const Around& around);

  // test_checks.cpp: what is insisted on
  void remember_value(TSNode node, const Around& around);
  std::string formatted(const std::string& code, std::size_t unit) const;
  std::string resolved(const std::string& text, std::size_t unit) const;
  bool add_parts(const Check& check, TSNode node, std::string_view text, const Around& around);
  void add_check(Check check, TSNode node, std::string_view text, const Around& around);
  void add_row(std::string_view values, TSNode node, std::string_view text, const Around& around);  // of a table: the last is what is expected
  void call(TSNode node, const Around& around);
  void remember_call(TSNode node, std::string_view text, const Around& around);
  void rows(TSNode node, std::string_view kind, const Around& around);
  bool is_case_list(TSNode node) const;
  Check row_of(std::string_view inside, bool whole, const Around& around) const;
  void map_rows(TSNode node, std::string_view kind, const Around& around);
  std::string map_name(TSNode node, bool& gone_through) const;
  void name_map_rows();
  bool is_one_value(TSNode list) const;

  // test_values.cpp: what names stand for, and what is gone through
  bool stands_outside(std::string_view name, const Around& around) const;
  void remember_constant(std::string_view name, TSNode value, const Around& around);
  void remember_declared(TSNode node, std::string_view kind, const Around& around);
  void gone_through(TSNode what, const Around& around, std::string_view condition = {});
  TSNode list_run_over(TSNode node, std::string_view kind) const;
  bool ends_its_loop(TSNode loop) const;
  void iterations(TSNode node, std::string_view kind, const Around& around);
  void answer(TSNode value, const Around& around);
  void name_answers();

  // test_marks.cpp: what keeps a test from running, and what it replaces
  void add_off(const Around& around, OffKind kind, std::string_view text, std::string_view condition, int line);
  void off_by_call(TSNode node, std::string_view text, const Around& around);
  static bool is_title_call(std::string_view text);
  void off_by_mark(std::string_view text, const Around& around, int line);
  void add_replacement(const Around& around, std::string_view target, bool module, TSNode node, std::string_view object = {});
  void replaced_by_call(TSNode node, std::string_view text, const Around& around);

  // A file a language: true where it took the node with all that is below
  std::set<std::string> optional_imports(TSNode attempt);
  bool python(TSNode node, std::string_view kind, const Around& around, int depth);
  bool javascript(TSNode node, std::string_view kind, const Around& around, int depth);
  static bool is_function(TSNode node);
  bool javascript_test(TSNode node, const Around& around, int depth);
  static std::string condition_of(std::string_view text);
  void template_rows(TSNode node, const Around& around);
  void macro(TSNode node, std::string_view name, const Around& around);
  bool cpp(TSNode node, std::string_view kind, const Around& around, int depth);
  void cpp_test(TSNode whole, std::string name, Around& inside);
  bool go(TSNode node, std::string_view kind, const Around& around, int depth);
  bool rust(TSNode node, std::string_view kind, const Around& around, int depth);
  void unwrapped_error(TSNode call, const Around& around);
  bool rust_match(TSNode node, const Around& around, int depth);
  static bool never_built(std::string_view attribute);
  static std::vector<TSNode> attributes_of(TSNode node);
  bool is_caught_in_vain(TSNode call) const;
  void rust_attribute(TSNode attribute, const Around& around);
  bool java(TSNode node, std::string_view kind, const Around& around, int depth);
  void java_arguments(TSNode node, const Around& around);
  std::string java_annotation_text(TSNode node) const;
  void java_annotations(TSNode node, const Around& inside);
  void rows_in(TSNode node, const Around& around, int depth);

  std::string_view text_;
  Language language_ = Language::none;
  TestFile file_;
  std::map<std::size_t, std::map<std::string, std::string>> values_;
  struct MapRows {
    std::string name;
    std::size_t unit;
    std::vector<Check> rows;
  };
  std::vector<MapRows> map_rows_;     // of maps that have a name, until it is known whether tests go through them
  std::vector<std::uint32_t> taken_;  // blocks that belong to the macro before them
};

}  // namespace baton::audit
