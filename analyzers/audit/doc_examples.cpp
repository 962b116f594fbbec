#include "analyzers/audit/doc_examples.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "analyzers/audit/comparison.h"
#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/syntax_nodes.h"

namespace baton::audit {
namespace {

constexpr auto kParseBudget = std::chrono::seconds(2);
constexpr int kMaxDepth = 60;

std::string_view without_margin(std::string_view line, std::size_t margin) { return line.substr(std::min({margin, line.find_first_not_of(" \t"), line.size()})); }

// Directives say how an answer is compared, and are no part of the question.
std::string without_directives(std::string source, bool& off) {
  static const RE2 kSkips("#\\s*doctest:[^\\n]*\\+SKIP"), kDirective("\\s*#\\s*doctest:[^\\n]*");
  off = matches(source, kSkips);
  RE2::GlobalReplace(&source, kDirective, "");
  return source;
}

std::vector<DocExample> examples_in(std::string_view text, int first_line) {
  std::vector<DocExample> found;
  std::size_t margin = 0;
  bool open = false, asks = false;
  int line = first_line - 1;
  for (const std::string_view raw : lines_of(text)) {
    ++line;
    const std::string_view inside = trimmed(raw);
    if (inside == ">>>" || inside.starts_with(">>> ")) {
      margin = raw.find('>');
      found.push_back({std::string(inside.substr(std::min<std::size_t>(4, inside.size()))), {}, false, line, line});
      open = asks = true;
    } else if (open && asks && (inside == "..." || inside.starts_with("... "))) {
      found.back().source += "\n" + std::string(inside.substr(std::min<std::size_t>(4, inside.size())));
      found.back().end_line = line;
    } else if (open && (inside.empty() || inside.starts_with("\"\"\"") || inside.starts_with("'''"))) {
      open = false;
    } else if (open) {
      asks = false;
      found.back().expected += std::string(without_margin(raw, margin)) + "\n";
      found.back().end_line = line;
    }
  }
  for (DocExample& one : found) one.source = without_directives(std::move(one.source), one.off);
  return found;
}

class Docstrings {
 public:
  explicit Docstrings(std::string_view text) : text_(text) {}

  std::vector<DocText> run() {
    if (const SyntaxTree tree = parse_syntax(text_, Language::python, kParseBudget)) body(ts_tree_root_node(tree.get()), "", 0);
    return std::move(found_);
  }

 private:
  void body(TSNode node, const std::string& of, int depth) {
    if (depth > kMaxDepth) return;
    bool first = true;
    each_child(node, [&](TSNode child) {
      if (type(child) == "comment") return;
      if (first && type(child) == "expression_statement" && type(ts_node_named_child(child, 0)) == "string") add(ts_node_named_child(child, 0), of);
      first = false;
      const TSNode inside = type(child) == "decorated_definition" ? field(child, "definition") : child;
      if (type(inside) != "function_definition" && type(inside) != "class_definition") return;
      const TSNode name = field(inside, "name");
      const std::string own(text_.substr(ts_node_start_byte(name), ts_node_end_byte(name) - ts_node_start_byte(name)));
      body(field(inside, "body"), of.empty() ? own : of + "." + own, depth + 1);
    });
  }

  void add(TSNode node, const std::string& of) {
    const std::size_t begin = ts_node_start_byte(node), end = ts_node_end_byte(node);
    found_.push_back({of, begin, end, examples_in(text_.substr(begin, end - begin), line_of(node))});
  }

  const std::string_view text_;
  std::vector<DocText> found_;
};

// What rustdoc does with a fence, by the words behind it: `should_panic`, `edition2021`, `no_run`; another language is none of its business.
struct Fence {
  bool runs = true, is_rust = true, panics = false, does_not_compile = false;
};

Fence fence_of(std::string_view words) {
  static const RE2 kWord("([\\w+-]+)"), kHarmless("^(rust|edition\\d+|standalone(_crate)?|test_harness|E\\d+|rustfmt)$"), kPlain("^(no_run|ignore(-.*)?)$");
  Fence fence;
  re2::StringPiece left(words.data(), words.size());
  for (std::string word; RE2::FindAndConsume(&left, kWord, &word);) {
    if (matches(word, kPlain)) fence.runs = false;
    else if (word == "should_panic") fence.panics = true;
    else if (word == "compile_fail") fence.does_not_compile = true;
    else if (!matches(word, kHarmless)) fence.is_rust = false;
  }
  return fence;
}

// The comments above each item of a Rust file, or within it (`//!`), with their fences.
class RustComments {
 public:
  explicit RustComments(std::string_view text) : text_(text), lines_(lines_of(text)) {}

  std::vector<DocText> run() {
    for (std::size_t at = 0; at < lines_.size();) {
      std::size_t end = at;
      const std::string_view mark = mark_of(lines_[at]);
      while (end < lines_.size() && !mark.empty() && mark_of(lines_[end]) == mark) ++end;
      if (mark.empty() && opens_a_block(lines_[at])) end = end_of_block(at);
      const bool within = mark == "//!" || trimmed(lines_[at]).starts_with("/*!");
      if (end == at) note_scope(lines_[at]);
      else add(at, end, within ? std::string() : item_below(end));
      at = std::max(end, at + 1);
    }
    return std::move(found_);
  }

  // What stands in a comment, behind its mark: `/// a`, `//! a`, and of a block `/** a`, ` * a`, `a */`.
  static std::string_view inside(std::string_view line) {
    std::string_view text = trimmed(line);
    const bool of_lines = !mark_of(line).empty(), first = opens_a_block(line), star = text == "*" || text.starts_with("* ");
    if (!of_lines && text.ends_with("*/")) text.remove_suffix(2);
    if (of_lines || first) text.remove_prefix(std::min<std::size_t>(3, text.size()));
    else if (star) text.remove_prefix(std::min<std::size_t>(1, text.size()));
    if (text.starts_with(' ')) text.remove_prefix(1);
    return text;
  }

  static bool is_fence(std::string_view text) { return trimmed(text).starts_with("```") || trimmed(text).starts_with("~~~"); }

 private:
  static std::string_view mark_of(std::string_view line) {
    const std::string_view text = trimmed(line);
    return (text.starts_with("///") && !text.starts_with("////")) || text.starts_with("//!") ? text.substr(0, 3) : std::string_view();
  }

  static bool opens_a_block(std::string_view line) {
    const std::string_view text = trimmed(line);
    return text.starts_with("/*!") || (text.starts_with("/**") && !text.starts_with("/***") && !text.starts_with("/**/"));
  }

  std::size_t end_of_block(std::size_t at) const {
    while (at < lines_.size() && lines_[at].find("*/") == std::string_view::npos) ++at;
    return std::min(at + 1, lines_.size());
  }

  void note_scope(std::string_view line) {
    static const RE2 kScope("^(?:pub(?:\\([^)]*\\))? )?(?:unsafe )?(?:impl\\b(?:<[^{]*?>)?(?:.*\\bfor)?|trait|mod)\\s+([\\w:]+)[^;]*$");
    std::string name;
    if (RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kScope, &name)) scope_ = name;
  }

  std::string item_below(std::size_t at) const {
    static const RE2 kAttribute("^(#|//|$)"), kItem("\\b(?:fn|struct|enum|union|trait|mod|type|const|static|macro_rules!)\\s+(\\w+)"), kImplements("^impl\\b.*?(\\w+)\\s*\\{");
    while (at < lines_.size() && matches(trimmed(lines_[at]), kAttribute)) ++at;
    if (at == lines_.size()) return {};
    const std::string_view line = lines_[at];
    std::string name;
    if (!RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kItem, &name)) RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kImplements, &name);
    return line.starts_with(' ') || line.starts_with('\t') ? scope_ + "::" + name : name;
  }

  void add(std::size_t from, std::size_t to, std::string of) {
    const auto offset = [&](std::size_t line) { return line < lines_.size() ? static_cast<std::size_t>(lines_[line].data() - text_.data()) : text_.size(); };
    DocText text{std::move(of), offset(from), offset(to), {}};
    bool open = false;
    for (std::size_t i = from; i < to; ++i) {
      const std::string_view line = inside(lines_[i]);
      if (is_fence(line)) {
        open = !open;
        // What decides whether it runs belongs to what it expects.
        if (open) text.examples.push_back({{}, std::string(trimmed(trimmed(line).substr(3))), false, static_cast<int>(i) + 1, static_cast<int>(i) + 1});
      } else if (open) {
        text.examples.back().source += std::string(line) + "\n";
      }
      if (open || is_fence(line)) text.examples.back().end_line = static_cast<int>(i) + 1;
    }
    if (!text.examples.empty()) found_.push_back(std::move(text));
  }

  const std::string_view text_;
  const std::vector<std::string_view> lines_;
  std::string scope_;
  std::vector<DocText> found_;
};

// Lines that readers do not see are run as well.
std::string_view without_hiding(std::string_view line) {
  const std::string_view text = trimmed(line);
  return text == "#" || text.starts_with("# ") ? text.substr(1) : text.starts_with("##") ? text.substr(1) : line;
}

bool same(const DocExample& a, const DocExample& b) { return a.source == b.source && a.expected == b.expected && a.off == b.off; }

// Each of them is there still.
bool holds_examples(const DocText& now, const DocText& was) {
  return std::all_of(was.examples.begin(), was.examples.end(), [&](const DocExample& one) { return std::any_of(now.examples.begin(), now.examples.end(), [&](const DocExample& other) { return same(one, other); }); });
}

const DocText* text_of(const std::vector<DocText>& all, const std::string& of) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const DocText& one) { return one.of == of; });
  return found == all.end() ? nullptr : &*found;
}

// What comes out is compared less closely than it was, or not at all.
bool takes_anything(const std::string& expected) {
  const std::string_view answer = trimmed(expected);
  return answer == "..." || answer.empty();
}

class Examples {
 public:
  Examples(const AuditedFile& file, const Intent& intent, const Surroundings& around)
      : file_(file), intent_(intent), around_(around), base_(doc_texts(file.old_path.empty() ? file.path : file.old_path, *file.before)), head_(doc_texts(file.path, *file.after)) {}

  std::vector<AuditFinding> run() {
    for (const DocText& was : base_) {
      std::vector<const DocExample*> gone;
      for (const DocExample& one : was.examples) {
        const DocExample* is = again(one, was.of);
        if (is) compare(was, one, *is);
        else if (!one.expected.empty()) gone.push_back(&one);
      }
      if (!gone.empty()) removed(was, gone);
    }
    return std::move(findings_);
  }

 private:
  // In the text of the same thing, or wherever it is asked now; an answer that stayed is preferred.
  const DocExample* again(const DocExample& was, const std::string& of) const {
    const DocExample* best = nullptr;
    for (const bool own : {true, false}) {
      for (const DocText& text : head_) {
        for (const DocExample& one : text.examples) {
          if (own != (text.of == of) || normalised(one.source) != normalised(was.source)) continue;
          if (same(one, was)) return &one;
          if (!best) best = &one;
        }
      }
    }
    return best;
  }

  std::string about(const DocText& text, const DocExample& one) const { return text.of + " " + file_.path + " " + one.source; }

  void compare(const DocText& text, const DocExample& was, const DocExample& is) {
    if (is.off && !was.off) {
      add("skip_added", !intent_.explains_switching_off(), is.line, "The example \"" + short_text(is.source) + "\" does not run any more.", was, &is);
    } else if (takes_anything(is.expected) && !takes_anything(was.expected)) {
      add("assertion_weakened", true, is.line, "Of \"" + short_text(is.source) + "\" any answer is taken; it was \"" + short_text(was.expected) + "\".", was, &is);
    } else if (literals(was.expected) != literals(is.expected) || words(was.expected) != words(is.expected)) {
      const bool explained = intent_.explains_change(about(text, was), is.expected, was.expected) || intent_.asks_for_other_tests();
      const bool asks = intent_.given() ? !explained : !around_.program_changed;
      add("expectation_changed", asks, is.line, "The example \"" + short_text(is.source) + "\" answered \"" + short_text(trimmed(was.expected)) + "\" and is to answer \"" + short_text(trimmed(is.expected)) + "\"" + (asks ? ", and nothing that was asked for says why." : "."), was, &is);
    }
  }

  // A text is written anew often enough; one that has no example left shows nothing any more.
  void removed(const DocText& was, const std::vector<const DocExample*>& gone) {
    const DocText* is = text_of(head_, was.of);
    const bool none_left = is && std::none_of(is->examples.begin(), is->examples.end(), [](const DocExample& one) { return !one.expected.empty(); });
    const std::string code = about(was, *gone.front());
    const auto names = identifiers(code);
    const bool explained = intent_.explains_removal(code) || std::any_of(names.begin(), names.end(), [&](const std::string& name) { return around_.gone.count(name) > 0; });
    add("case_removed", none_left && !explained && !(file_.path.ends_with(".md") || file_.path.ends_with(".rst")), gone.front()->line,
        "The example \"" + short_text(gone.front()->source) + "\"" + (gone.size() > 1 ? " and " + std::to_string(gone.size() - 1) + " more are" : " is") + " gone.", *gone.front(), nullptr);
  }

  void add(const char* kind, bool escalates, int line, std::string message, const DocExample& was, const DocExample* is) {
    AuditFinding finding{is || file_.old_path.empty() ? file_.path : file_.old_path, line, kind, escalates ? Severity::warning : Severity::note, std::move(message), escalates, !is};
    put_lines(finding.hunk, *file_.before, was, '-');
    if (is) put_lines(finding.hunk, *file_.after, *is, '+');
    findings_.push_back(std::move(finding));
  }

  static void put_lines(std::string& hunk, std::string_view text, const DocExample& one, char sign) {
    const auto lines = lines_of(text);
    for (int line = one.line; line <= std::min(one.end_line, one.line + 11) && line <= static_cast<int>(lines.size()); ++line) hunk += sign + std::string(lines[static_cast<std::size_t>(line) - 1]) + "\n";
  }

  const AuditedFile& file_;
  const Intent& intent_;
  const Surroundings& around_;
  const std::vector<DocText> base_, head_;
  std::vector<AuditFinding> findings_;
};

}  // namespace

std::vector<DocText> doc_texts(std::string_view path, std::string_view text) {
  if (language_of(path) == Language::python) return Docstrings(text).run();
  if (language_of(path) == Language::rust) return RustComments(text).run();
  return {{"", 0, text.size(), examples_in(text, 1)}};
}

// As the tests that rustdoc makes of them, each on its own lines; everything else is blank.
TestFile read_rust_examples(std::string_view path, std::string_view text) {
  const auto source = lines_of(text);
  std::vector<std::string> lines(source.size());
  std::map<std::string, std::string> names;  // of its function -> as rustdoc has it
  for (const DocText& comment : RustComments(text).run()) {
    for (const DocExample& one : comment.examples) {
      const Fence fence = fence_of(one.expected);
      const auto first = static_cast<std::size_t>(one.line) - 1, last = static_cast<std::size_t>(one.end_line) - 1;
      if (!fence.is_rust || last == first) continue;
      const std::string function = "example_" + std::to_string(names.size());
      names[function] = std::string(path) + " -" + (comment.of.empty() ? "" : " " + comment.of);
      lines[first] = std::string("#[test] ") + (fence.runs && !fence.does_not_compile ? "" : "#[ignore] ") + (fence.panics ? "#[should_panic] " : "") + "fn " + function + "() {";
      for (std::size_t at = first + 1; at < last; ++at) lines[at] = without_hiding(RustComments::inside(source[at]));
      lines[last] = "}";
    }
  }
  std::string tests;
  for (const std::string& line : lines) tests += line + "\n";
  TestFile file = read_test_file(path, tests, AuditedPart::tests);
  for (TestUnit& unit : file.units) {
    if (const auto name = names.find(unit.name); name != names.end() && unit.is_test) unit.name = unit.qualified = name->second;
  }
  return file;
}

std::string with_examples_of(std::string_view path, std::string_view base, std::string_view head) {
  if (base.find(language_of(path) == Language::rust ? "```" : ">>>") == base.npos) return std::string(head);
  const std::vector<DocText> was = doc_texts(path, base), is = doc_texts(path, head);
  std::string text(head);
  for (auto now = is.rbegin(); now != is.rend(); ++now) {  // from behind, so that what is before stays where it is
    const DocText* before = text_of(was, now->of);
    if (before && text_of(is, now->of) == &*now && !holds_examples(*now, *before)) text.replace(now->begin, now->end - now->begin, base.substr(before->begin, before->end - before->begin));
  }
  return text;
}

std::vector<AuditFinding> audit_doc_examples(const AuditedFile& file, const Intent& intent, const Surroundings& around) {
  if (!file.examples_run || !file.before || !file.after || language_of(file.path) == Language::rust) return {};  // whose examples are compared as tests
  return Examples(file, intent, around).run();
}

}  // namespace baton::audit
