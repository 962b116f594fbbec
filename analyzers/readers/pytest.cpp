// pytest's text: sections of failures and errors, the short summary, the counts line.
#include <algorithm>
#include <array>
#include <deque>
#include <map>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

// "==== FAILURES ====" to "FAILURES"; "" when the line is no rule.
std::string_view ruled(std::string_view line, char rule) {
  if (line.size() < 8 || line[0] != rule || (line[1] != rule && line[1] != ' ') || line.back() != rule) return {};
  const size_t from = line.find_first_not_of(rule);
  const size_t to = line.find_last_not_of(rule);
  if (from == std::string_view::npos || line[from] != ' ' || line[to] != ' ') return {};
  return trim(line.substr(from, to - from + 1));
}

struct Counts {
  int passed = 0, failed = 0, errors = 0, skipped = 0, xfailed = 0, xpassed = 0, deselected = 0;
  bool none_ran = false;
};

// "4 failed, 2 passed, 1 skipped in 0.07s", with or without its rule.
bool parse_counts(std::string_view line, Counts& out) {
  const std::string_view inner = ruled(line, '=');
  std::string_view text = inner.empty() ? trim(line) : inner;
  if (text.empty()) return false;
  const size_t in = text.rfind(" in ");
  if (in == std::string_view::npos || text.find('s', in) == std::string_view::npos) return false;
  std::string_view after = text.substr(in + 4);
  if (after.empty() || after[0] < '0' || after[0] > '9') return false;
  text = text.substr(0, in);
  if (text == "no tests ran" || text == "no tests collected") {
    out.none_ran = true;
    return true;
  }
  bool any = false;
  while (!text.empty()) {
    text = trim_left(text);
    const int count = take_int(text);
    if (count < 0 || text.empty() || text[0] != ' ') return false;
    text.remove_prefix(1);
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view word = trim(text.substr(0, comma));
    text.remove_prefix(std::min(text.size(), comma + 1));
    if (word == "passed") out.passed = count;
    else if (word == "failed") out.failed = count;
    else if (word == "error" || word == "errors") out.errors = count;
    else if (word == "skipped") out.skipped = count;
    else if (word == "xfailed") out.xfailed = count;
    else if (word == "xpassed") out.xpassed = count;
    else if (word == "deselected") out.deselected = count;
    else if (word != "warning" && word != "warnings" && word != "rerun" && word.substr(0, 7) != "subtest") return false;
    any = true;
  }
  return any;
}

struct Block {
  std::string name;   // "TestDiv.test_zero", "ERROR at setup of test_err"
  std::string_view body;
  size_t line = 0;
  bool error = false;
};

// What a summary line says: id and the reason that follows " - ".
struct Summary {
  std::string id;
  std::string message;
  bool error = false;
  bool used = false;
};

std::string short_name(std::string_view id) {
  const size_t module = id.find("::");
  if (module == std::string_view::npos) return std::string(id);
  id.remove_prefix(module + 2);
  std::string name;
  for (size_t at = id.find("::"); at != std::string_view::npos && id.substr(0, at).find('[') == std::string_view::npos; at = id.find("::")) {
    name.append(id.substr(0, at)).append(".");
    id.remove_prefix(at + 2);
  }
  return name.append(id);
}

bool is_source_place(std::string_view line, const Reading& reading, size_t index, Place& place, std::string& path) {
  if (line.empty() || line[0] == ' ' || line[0] == '>' || (line[0] == 'E' && line.substr(0, 2) == "E ")) return false;
  if (!parse_place(line, place)) return false;
  if (place.path.size() < 3 || place.path.substr(place.path.size() - 3) != ".py") return false;
  path = reading.map(place.path, index);
  return true;
}

// Message and place of a failure's section: the last chain link counts, its own frame innermost.
void judge_block(const Reading& reading, const Block& block, Finding& out) {
  std::string message;
  bool in_message = false;
  Frame best;
  bool have = false;
  for (std::string_view rest = block.body; !rest.empty();) {
    const std::string_view line = first_line(rest);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.substr(0, 20) == "During handling of t" || line.substr(0, 20) == "The above exception ") {
      message.clear();
      have = false;
      in_message = false;
      continue;
    }
    if (line.substr(0, 9) == "---------" && line.find("Captured ") != std::string_view::npos) break;
    if (line.substr(0, 2) == "E " || line == "E") {
      if (!in_message) message.clear();
      in_message = true;
      const std::string_view text = trim(line.substr(1));
      if (!message.empty()) message += '\n';
      message += text;
      continue;
    }
    in_message = false;
    Place place;
    std::string path;
    if (is_source_place(line, reading, block.line, place, path)) {
      if (!reading.foreign(path) || !have) {
        best = {path, place.line, 0};
        have = !reading.foreign(path);
      }
      if (message.empty() && !place.rest.empty() && !reading.foreign(path)) message = place.rest;
    } else if (python_frame_line(line, place)) {
      path = reading.map(place.path, block.line);
      if (!reading.foreign(path)) {
        best = {path, place.line, 0};
        have = true;
      }
    }
  }
  out.path = best.path;
  out.line = best.line;
  // --tb=native: no "E" lines, the exception ends the traceback.
  if (message.empty() && block.body.find("Traceback (most recent call last):") != std::string_view::npos) {
    for (std::string_view rest = block.body; !rest.empty();) {
      const std::string_view line = first_line(rest);
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (!line.empty() && line[0] != ' ' && line.substr(0, 9) != "Traceback" && line.substr(0, 5) != "-----") message = line;
    }
  }
  out.message = excerpt(message, 12);
}

class Pytest {
 public:
  Pytest(Reading& reading, const Hits& hits) : reading_(reading), text_(reading.text), hits_(hits) {}

  void read() {
    size_t first = hits_.front(), last = hits_.back();
    for (const size_t hit : hits_) {
      const std::string_view title = ruled(text_.line(hit), '=');
      if (title == "FAILURES" || title == "ERRORS") {
        sections(hit + 1, title == "ERRORS");
      } else if (title == "short test summary info") {
        summary(hit + 1);
      } else if (title == "test session starts") {
        session_ = true;
      }
      Counts one;
      if (parse_counts(text_.line(hit), one)) {
        counts_ = one;
        counted_ = true;
        last = hit;
      }
    }
    if (!counted_ && !session_ && blocks_.empty() && summaries_.empty()) return;
    progress(first, last);
    reading_.recognised("pytest-text");
    for (const std::string_view word : {"\nERROR: ", "\nINTERNALERROR> "}) {  // a usage error, or pytest's own
      const size_t error = text_.find(word);
      if (error != std::string_view::npos && reading_.failure.empty()) reading_.failure = trim(text_.line(text_.line_at(error + 1)));
    }
    report();
    if (first < last) reading_.claim(first, last + 1);
    else reading_.claim(last, last + 1);
  }

 private:
  void sections(size_t from, bool error) {
    Block block;
    size_t body_start = 0;
    const auto close = [&](size_t end) {
      if (block.name.empty()) return;
      const size_t begin = text_.offset_of(body_start);
      const size_t stop = end < text_.size() ? text_.offset_of(end) : text_.all().size();
      if (body_start < text_.size() && stop >= begin) block.body = text_.all().substr(begin, stop - begin);
      blocks_.push_back(block);
      block = {};
    };
    size_t i = from;
    for (; i < text_.size(); ++i) {
      const std::string_view line = text_.line(i);
      if (!ruled(line, '=').empty()) break;
      const std::string_view title = ruled(line, '_');
      Place loose;
      std::string path;
      if (block.name.empty() && is_source_place(line, reading_, i, loose, path) && !reading_.foreign(path)) loose_.push_back({path, loose.line, std::string(loose.rest)});
      if (title.empty() || title[0] == '_') continue;
      close(i);
      block.name = title;
      block.error = error;
      block.line = i;
      body_start = i + 1;
    }
    close(i);
    reading_.claim(from, i);
  }

  void summary(size_t from) {
    size_t i = from;
    for (; i < text_.size(); ++i) {
      const std::string_view line = text_.line(i);
      Counts ignored;
      if (parse_counts(line, ignored) || !ruled(line, '=').empty()) break;
      std::string_view rest = line;
      const bool failed = take_prefix(rest, "FAILED ");
      const bool error = !failed && take_prefix(rest, "ERROR ");
      if (!failed && !error) continue;
      const size_t dash = rest.find(" - ");
      Summary one;
      one.id = trim(rest.substr(0, dash));
      if (dash != std::string_view::npos) one.message = trim(rest.substr(dash + 3));
      one.error = error;
      summaries_.push_back(std::move(one));
    }
    reading_.claim(from, i);
  }

  static constexpr std::array<std::pair<std::string_view, CaseStatus>, 6> kOutcomes = {{{" PASSED", CaseStatus::passed},
                                                                                        {" FAILED", CaseStatus::failed},
                                                                                        {" ERROR", CaseStatus::failed},
                                                                                        {" SKIPPED", CaseStatus::skipped},
                                                                                        {" XFAIL", CaseStatus::skipped},
                                                                                        {" XPASS", CaseStatus::passed}}};

  // Where each of them stands last, found at the line's blanks: a search for each was most of the time that a summary takes.
  static std::array<size_t, kOutcomes.size()> places_of_outcomes(std::string_view line) {
    std::array<size_t, kOutcomes.size()> places;
    places.fill(std::string_view::npos);
    for (size_t at = line.rfind(' '); at != std::string_view::npos; at = at == 0 ? std::string_view::npos : line.rfind(' ', at - 1)) {
      for (size_t word = 0; word < kOutcomes.size(); ++word)
        if (places[word] == std::string_view::npos && line.substr(at).starts_with(kOutcomes[word].first)) places[word] = at;
    }
    return places;
  }

  // With -v each case has its line: "tests/a.py::test_b PASSED  [ 50%]".
  void progress(size_t first, size_t last) {
    for (size_t i = first; i <= last && i < text_.size(); ++i) {
      const std::string_view line = text_.line(i);
      if (line.size() > 2000 || line.find("::") == std::string_view::npos || line[0] == ' ' || line[0] == 'E') continue;
      const auto places = places_of_outcomes(line);
      for (size_t word = 0; word < kOutcomes.size(); ++word) {
        const auto& [name, status] = kOutcomes[word];
        const size_t at = places[word];
        if (at == std::string_view::npos || line.find(".py::") > at) continue;
        const std::string_view after = trim(line.substr(at + name.size()));
        if (!after.empty() && after[0] != '[' && after[0] != '(') continue;
        TestCase test;
        test.id = reading_.id(line.substr(0, at));
        test.path = reading_.map(test.id.substr(0, test.id.find("::")), i);
        test.status = status;
        tally().add(std::move(test));
        break;
      }
    }
  }

  // The block of a summary's test: same name, first unused.
  std::string id_of(const Block& block) {
    std::string wanted = block.name;
    for (const std::string_view prefix : {"ERROR at setup of ", "ERROR at teardown of ", "ERROR collecting "}) {
      std::string_view rest = wanted;
      if (take_prefix(rest, prefix)) {
        wanted = std::string(rest);
        break;
      }
    }
    if (Summary* one = unused_summary(block.error, wanted)) {
      one->used = true;
      return one->id;
    }
    // Without a summary: the module from the block's first place.
    if (block.name.substr(0, 16) == "ERROR collecting") return wanted;
    std::string path;
    for (std::string_view rest = block.body; !rest.empty() && path.empty();) {
      const std::string_view line = first_line(rest);
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      Place place;
      if (!is_source_place(line, reading_, block.line, place, path) && python_frame_line(line, place)) path = reading_.map(place.path, block.line);
      if (reading_.foreign(path)) path.clear();
    }
    if (path.empty()) return wanted;
    const size_t bracket = std::min(wanted.find('['), wanted.size());
    std::string name;
    for (const char c : wanted.substr(0, bracket)) name += c == '.' ? "::" : std::string(1, c);
    return path + "::" + name + wanted.substr(bracket);
  }

  // By both names of a test; thousands of failures must not be looked through for each of them.
  Summary* unused_summary(bool error, const std::string& name) {
    if (named_.empty()) {
      for (Summary& one : summaries_) {
        const std::string brief = short_name(one.id);
        named_[{one.error, brief}].push_back(&one);
        if (brief != one.id) named_[{one.error, one.id}].push_back(&one);
      }
    }
    const auto found = named_.find({error, name});
    if (found == named_.end()) return nullptr;
    std::deque<Summary*>& waiting = found->second;
    while (!waiting.empty() && waiting.front()->used) waiting.pop_front();
    return waiting.empty() ? nullptr : waiting.front();
  }

  void report() {
    std::map<std::string, bool> done;
    for (const Block& block : blocks_) {
      Finding out;
      out.tool = "pytest";
      const std::string printed = id_of(block);
      out.code = reading_.id(printed);
      judge_block(reading_, block, out);
      const bool collecting = block.name.substr(0, 16) == "ERROR collecting";
      if (out.path.empty()) out.path = reading_.map(printed.substr(0, printed.find("::")), block.line);
      if (collecting) {
        reading_.load_failure = true;
        collection_message(block, out);
      }
      TestCase test;
      test.id = out.code;
      test.path = out.path;
      test.line = out.line;
      test.status = CaseStatus::failed;
      test.message = out.message;
      test.load_failure = collecting;
      tally().add(std::move(test));
      done[printed] = true;
      out.message = out.message.empty() ? block.name : out.message;
      const size_t newline = out.message.find('\n');
      if (newline != std::string::npos && !collecting) out.message.resize(std::min(out.message.size(), size_t{2000}));
      reading_.report_mapped(block.line, std::move(out));
    }
    std::multimap<std::string_view, const Loose*> loose;
    for (const Loose& line : loose_) {
      if (line.line > 0) loose.emplace(line.message, &line);
    }
    for (const Summary& one : summaries_) {
      if (one.used || done[one.id]) continue;
      TestCase test;
      test.id = reading_.id(one.id);
      test.path = reading_.map(one.id.substr(0, one.id.find("::")), 0);
      test.status = CaseStatus::failed;
      test.message = one.message;
      test.load_failure = one.error && one.id.find("::") == std::string::npos;
      reading_.load_failure |= test.load_failure;
      Finding out;
      out.tool = "pytest";
      out.path = test.path;
      out.code = test.id;
      out.message = one.message.empty() ? "failed" : one.message;
      const auto line = one.message.empty() ? loose.end() : loose.lower_bound(one.message);
      if (line != loose.end() && line->first.starts_with(one.message)) {
        test.path = out.path = line->second->path;
        test.line = out.line = line->second->line;
        loose.erase(line);
      }
      tally().add(std::move(test));
      reading_.report_mapped(hits_.back(), std::move(out));
    }
    if (!counted_) return;
    TestReport& report = tally().report;
    report.passed = report.passed.value_or(0) + counts_.passed + counts_.xpassed;
    report.failed = report.failed.value_or(0) + counts_.failed + counts_.errors;
    report.skipped = report.skipped.value_or(0) + counts_.skipped + counts_.xfailed;
    report.total = *report.passed + *report.failed + *report.skipped;
    if (counts_.none_ran || (*report.total == 0 && counts_.deselected > 0)) reading_.nothing_ran = true;
  }

  // A module that does not import: the error itself, at the place that the traceback or the syntax error names.
  void collection_message(const Block& block, Finding& out) const {
    if (!out.message.empty()) {
      // SyntaxError: the file and line stand in the message; the last line is the error.
      const size_t last = out.message.rfind('\n');
      Place place;
      std::string_view head = first_line(out.message);
      if (last != std::string::npos && python_frame_line(head, place)) {
        out.path = reading_.map(place.path, block.line);
        out.line = place.line;
        out.message = out.message.substr(last + 1);
      }
      return;
    }
    for (std::string_view rest = block.body; !rest.empty();) {
      const std::string_view line = first_line(rest);
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (!trim(line).empty()) out.message = trim(line);
    }
  }

  Tally& tally() { return reading_.tally("pytest"); }

  Reading& reading_;
  const Text& text_;
  const Hits& hits_;
  std::vector<Block> blocks_;
  std::vector<Summary> summaries_;
  std::map<std::pair<bool, std::string>, std::deque<Summary*>> named_;
  // --tb=line: one line a failure.
  struct Loose {
    std::string path;
    int line;
    std::string message;
  };
  std::vector<Loose> loose_;
  Counts counts_;
  bool counted_ = false;
  bool session_ = false;
};

}  // namespace

void read_pytest(Reading& reading, const Hits& hits) { Pytest(reading, hits).read(); }

}  // namespace baton
