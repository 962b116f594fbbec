// The one interface inside this folder: a reader turns a stretch of output into findings and tests.
//
// Three kinds, each a row of a table (tables.cpp): a TextReader is woken by words that start a line; a JsonReader is offered each JSON
// value found in the output; an XmlReader each XML document. A reader claims the lines it has understood, so that no later and
// cruder reader reports them again. Simple one-line formats are no code at all but rows of matchers.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzers/diagnose.h"
#include "analyzers/readers/go_tests.h"
#include "analyzers/readers/json_value.h"
#include "analyzers/readers/place.h"
#include "analyzers/readers/text.h"

namespace pugi {
class xml_document;
}

namespace baton {

// How columns of a tool count.
enum class ColumnUnit { utf16, code_points, bytes, display };

// What a finding means when the process ended with 0.
enum class Weight {
  normal,    // an error behind a status of 0 is a failure that a pipe has hidden
  advisory,  // the tool reports errors and ends with 0 by design, or the text may be a green run's log
  certain,   // a failure whatever the status says: a sanitizer's report
};

struct Reported {
  Finding finding;
  size_t order = 0;  // line in the output, for the order of appearance
  Weight weight = Weight::normal;
  ColumnUnit unit = ColumnUnit::utf16;
  bool from_report = false;  // a structured report said it
};

// Where a case stands among many, by its id: a table of places alone, since a log may have a million of them.
class CasePlaces {
 public:
  // The place of the id; `fresh` and true where it was not known.
  std::pair<size_t, bool> put(std::string_view id, size_t fresh, const std::vector<TestCase>& cases);
  std::optional<size_t> find(std::string_view id, const std::vector<TestCase>& cases) const;

 private:
  struct Slot {
    std::uint32_t hash = 0, place = 0;  // place + 1; 0: free
  };
  size_t slot_of(std::string_view id, std::uint32_t hash, const std::vector<TestCase>& cases) const;
  void grow();
  std::vector<Slot> slots_;
  size_t used_ = 0;
};

// What one runner said. Several of one run are merged.
struct Tally {
  std::string runner;
  bool structured = false;
  bool outer = false;  // runs other runners and repeats their output (ctest): its counts are the run's
  TestReport report;
  CasePlaces places;  // in report.cases

  // Adds or, when the id is there already, makes worse: a failure is never overwritten by a pass.
  TestCase& add(TestCase one);
  TestCase& add_another(TestCase one);  // of runners that never tell one test twice: equal names are several tests
  const TestCase* find(std::string_view id) const;
  void count_cases();  // fills absent counts from the cases
};

class Reading {
 public:
  Reading(const Text& text, const RunOutput& run, const PathMapper& paths);

  const Text& text;
  const RunOutput& run;
  const PathMapper& paths;

  // Findings whose path, line and column are as printed; the path is mapped here.
  Finding& report(size_t line, Finding finding, Weight weight = Weight::normal, ColumnUnit unit = ColumnUnit::utf16);
  // The same with a path that is mapped already.
  Finding& report_mapped(size_t line, Finding finding, Weight weight = Weight::normal, ColumnUnit unit = ColumnUnit::utf16);
  std::string map(std::string_view printed, size_t line) const;
  // A test's name as it stays between runs and checkouts: the root taken out, then stable_id().
  std::string id(std::string_view name) const;
  // True for files of others: node_modules, site-packages, the language's own library, anything outside the root when one is known.
  bool foreign(std::string_view mapped) const;

  Tally& tally(std::string_view runner, bool structured = false);
  void recognised(std::string_view format);

  void claim(size_t first, size_t last);  // [first, last)
  bool claimed(size_t line) const { return line < claimed_.size() && claimed_[line]; }

  // Nobody reads more, and an endless log must not fill the memory: of what comes after, the worst is kept as the last.
  static constexpr size_t kMaxFindings = 50000;
  bool full() const { return findings.size() >= kMaxFindings; }

  std::vector<Reported> findings;
  std::vector<Tally> tallies;
  std::vector<std::string> formats;
  // What readers learn beside findings.
  bool nothing_ran = false;     // the runner said that it found no test
  bool ran_uncounted = false;   // tests ran, the runner does not say how many
  bool load_failure = false;    // a file or suite failed to load or collect
  bool tool_failed = false;     // the tool said that it did not complete (SARIF)
  bool truncated = false;       // a structured report began and did not end
  bool lint_only = false;       // a linter or compiler spoke: no test counts are to be expected
  std::string failure;          // a clause for the verdict when there is no finding, e.g. "make failed"

  GoTests go;

  void enter_folder(size_t line, std::string_view folder) { folders_.push_back({line, std::string(folder)}); }

 private:
  struct Entered {
    size_t line;
    std::string folder;
  };
  std::vector<bool> claimed_;
  std::vector<Entered> folders_;
  Reported dropped_;  // written to where a finding is one too many
};

struct TextReader {
  std::string_view name;
  std::vector<std::string_view> starts;    // words at the start of a line (after blanks) that wake it
  std::vector<std::string_view> anywhere;  // words anywhere in a line that wake it
  // `hits`: the unclaimed lines with one of the words, ascending, at least one.
  void (*read)(Reading& reading, const std::vector<size_t>& hits);
};

struct JsonReader {
  std::string_view name;
  // True when the value is of this format and has been read. `line`: where it begins.
  bool (*read)(Reading& reading, const Json& value, size_t line);
};

struct XmlReader {
  std::string_view name;
  std::string_view root;  // root element
  bool (*read)(Reading& reading, const pugi::xml_document& document, size_t line);
};

const std::vector<TextReader>& text_readers();  // in order of precedence
const std::vector<JsonReader>& json_readers();
const std::vector<XmlReader>& xml_readers();

void read_json_blocks(Reading& reading);
void read_xml_blocks(Reading& reading);
void read_text(Reading& reading);
void read_matchers(Reading& reading);

// The whole of `content` is one report; true when some reader understood it.
bool read_report(Reading& reading);

}  // namespace baton
