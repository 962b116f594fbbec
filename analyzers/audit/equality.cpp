#include "analyzers/audit/equality.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/pattern.h"
#include "analyzers/syntax.h"

namespace baton::audit {
namespace {

const RE2& field_left_out() {
  static const RE2 pattern("\\b(compare|eq|cmp)\\s*=\\s*False");
  return pattern;
}

struct Source {
  std::string_view text;
  std::vector<std::string_view> lines;
  std::vector<Symbol> symbols;
};

Source source_of(std::string_view path, std::string_view text) {
  return {text, lines_of(text), outline(text, language_of(path))};
}

// As they stand there, comments aside.
std::string body_of(const Source& source, const Symbol& symbol) {
  std::string body;
  for (int line = symbol.line; line <= symbol.end_line && line <= static_cast<int>(source.lines.size()); ++line) {
    const std::string_view text = trimmed(source.lines[static_cast<std::size_t>(line) - 1]);
    if (!text.starts_with('#') && !text.starts_with("//") && !text.starts_with('*') && !text.starts_with("/*")) body += std::string(text) + "\n";
  }
  return body;
}

bool is_equality(const Symbol& symbol) {
  static const RE2 kName("^(__eq__|equals|operator\\s*==|eq|Equals?|isEqual(To)?)$");
  return matches(symbol.name, kName);
}

// Whatever it is given.
bool always_holds(const std::string& body) {
  static const RE2 kHolds("(?s)^[^\\n]*[:{]\\s*(\"\"\".*?\"\"\"\\s*)?(return\\s+)?\\(?([Tt]rue)\\)?\\s*;?\\s*\\}?\\s*$");
  return matches(body, kHolds);
}

// "other.x", "that.getX()": what is looked at of the other value.
std::set<std::string> looked_at(const std::string& body) {
  static const RE2 kOf("\\b(?:other|that|rhs|another|obj|object|o|b|right|them|y)(?:\\.|->)(\\w+)");
  std::set<std::string> names;
  re2::StringPiece left(body);
  for (std::string name; RE2::FindAndConsume(&left, kOf, &name);) names.insert(name);
  return names;
}

bool compares_the_whole(const std::string& body) {
  static const RE2 kWhole("astuple|asdict|__dict__|super\\b|vars\\(|reflectionEquals|DeepEqual|__slots__|fields\\(|= default");
  return matches(body, kWhole);
}

class Equality {
 public:
  Equality(std::string_view path, std::string_view before, std::string_view after) : path_(path), base_(source_of(path, before)), head_(source_of(path, after)), changes_(line_changes(before, after)) {}

  std::vector<AuditFinding> run() {
    for (const Symbol& is : head_.symbols) {
      if (is_equality(is)) method(is);
    }
    if (language_of(path_) == Language::python) left_out_fields();
    return std::move(findings_);
  }

 private:
  static std::vector<const Symbol*> named(const Source& source, const std::string& qualified) {
    std::vector<const Symbol*> found;
    for (const Symbol& one : source.symbols) {
      if (one.qualified == qualified) found.push_back(&one);
    }
    return found;
  }

  const Symbol* in_base(const std::string& qualified) const {
    const auto found = named(base_, qualified);
    return found.empty() ? nullptr : found.front();
  }

  // "bool operator==(const json& a, const json& b) noexcept {"
  static std::string signature_of(const Source& source, const Symbol& symbol) {
    const std::string body = body_of(source, symbol);
    return normalised(body.substr(0, body.find('{')));
  }

  void method(const Symbol& is) {
    const std::string now = body_of(head_, is);
    const auto overloads = named(base_, is.qualified);
    if (std::any_of(overloads.begin(), overloads.end(), [&](const Symbol* one) { return body_of(base_, *one) == now; })) return;
    // One overload says nothing of another.
    const bool alone = overloads.size() <= 1 && named(head_, is.qualified).size() == 1;
    const auto same = std::find_if(overloads.begin(), overloads.end(), [&](const Symbol* one) { return signature_of(base_, *one) == signature_of(head_, is); });
    const Symbol* was = same != overloads.end() ? *same : alone && !overloads.empty() ? overloads.front() : nullptr;
    if (!was && !overloads.empty()) return;
    const std::string before = was ? body_of(base_, *was) : std::string();
    if (always_holds(now) && !always_holds(before)) {
      add(is, "Everything equals this, by \"" + is.qualified + "\".", now);
      return;
    }
    if (compares_the_whole(now)) return;
    std::set<std::string> had = was ? looked_at(before) : generated_before(is);
    const std::set<std::string> named = within_reach(now), all = names_outside(is);
    std::erase_if(had, [&](const std::string& name) { return named.contains(name) || named.contains("_" + name) || !all.contains(name); });
    if (!had.empty()) add(is, "\"" + is.qualified + "\" no longer looks at " + *had.begin() + (had.size() > 1 ? " and " + std::to_string(had.size() - 1) + " more" : "") + ", so that more is equal than before.", now);
  }

  // Of a class that compared all its fields, as Python writes it for a data class.
  std::set<std::string> generated_before(const Symbol& method) const {
    std::set<std::string> fields;
    const Symbol* owner = method.parent >= 0 ? in_base(head_.symbols[static_cast<std::size_t>(method.parent)].qualified) : nullptr;
    if (!owner || language_of(path_) != Language::python || !is_data_class(*owner)) return fields;
    static const RE2 kField("^(\\w+)\\s*:");
    for (int line = owner->line; line <= owner->end_line && line <= static_cast<int>(base_.lines.size()); ++line) {
      const std::string_view text = trimmed(base_.lines[static_cast<std::size_t>(line) - 1]);
      std::string name;
      if (RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kField, &name) && name != "else" && name != "try" && name != "finally") fields.insert(name);
    }
    return fields;
  }

  bool is_data_class(const Symbol& owner) const {
    static const RE2 kMark("^@([\\w.]*dataclass|attrs?\\.\\w+|define|frozen)\\b");
    for (int line = std::max(1, owner.line - 3); line <= std::min(owner.line + 3, static_cast<int>(base_.lines.size())); ++line) {
      if (matches(trimmed(base_.lines[static_cast<std::size_t>(line) - 1]), kMark)) return true;
    }
    return false;
  }

  // What the method names, and what makes up the keys that it compares: `return self._key == other._key`.
  std::set<std::string> within_reach(const std::string& body) const {
    std::set<std::string> names = identifiers(body);
    for (const std::string& key : looked_at(body)) {
      for (const Symbol& one : head_.symbols) {
        if (one.name == key) names.merge(identifiers(body_of(head_, one)));
      }
      const RE2 given("(?:self|this)(?:\\.|->)" + RE2::QuoteMeta(key) + "\\s*(?::[^=]*)?=\\s*([^=][^\\n]*)");
      re2::StringPiece left(head_.text.data(), head_.text.size());
      for (std::string value; RE2::FindAndConsume(&left, given, &value);) names.merge(identifiers(value));
    }
    return names;
  }

  // A field that is gone from the whole file was not left out of a comparison.
  std::set<std::string> names_outside(const Symbol& method) const {
    std::string rest;
    for (std::size_t i = 0; i < head_.lines.size(); ++i) {
      const int line = static_cast<int>(i) + 1;
      if (line < method.line || line > method.end_line) rest += std::string(head_.lines[i]) + "\n";
    }
    return identifiers(rest);
  }

  // `total: float = field(compare=False)` of a field that was there, and was compared.
  void left_out_fields() {
    for (const ChangedLine& line : changes_.fresh) {
      if (!matches(line.text, field_left_out())) continue;
      const std::string name = field_at(line.line);
      const RE2 declared("(?m)^\\s*" + RE2::QuoteMeta(name) + "\\s*(:|=)");
      if (name.empty() || !matches(base_.text, declared)) continue;
      const bool before = std::any_of(changes_.lost.begin(), changes_.lost.end(), [&](const ChangedLine& was) { return matches(was.text, field_left_out()) && was.text.find(name) != was.text.npos; });
      if (!before) findings_.push_back({std::string(path_), line.line, "equality_bent", Severity::warning, "\"" + name + "\" is no longer compared, so that more is equal than before.", true, false, hunk_of({}, {line})});
    }
  }

  // The field whose definition the line belongs to.
  std::string field_at(int line) const {
    static const RE2 kField("^(\\w+)\\s*(?::[^=]*)?=\\s*[\\w.]*\\b(field|attrib|ib|Field)\\(");
    for (int at = line; at > std::max(0, line - 6); --at) {
      std::string name;
      const std::string_view text = trimmed(head_.lines[static_cast<std::size_t>(at) - 1]);
      if (RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kField, &name)) return name;
    }
    return {};
  }

  void add(const Symbol& is, std::string message, const std::string& body) {
    std::string hunk;
    int count = 0;
    for (const std::string_view line : lines_of(body)) {
      if (++count <= 12 && !line.empty()) hunk += "+" + std::string(line) + "\n";
    }
    findings_.push_back({std::string(path_), is.line, "equality_bent", Severity::warning, std::move(message), true, false, std::move(hunk)});
  }

  const std::string_view path_;
  const Source base_, head_;
  const LineChanges changes_;
  std::vector<AuditFinding> findings_;
};

}  // namespace

std::vector<AuditFinding> audit_equality(std::string_view path, std::string_view before, std::string_view after) {
  static const RE2 kSpeaks("__eq__|\\bequals\\b|operator\\s*==|\\bfn eq\\b|\\bEquals?\\b|\\bisEqual|\\b(compare|eq|cmp)\\s*=\\s*False");
  if (!matches(after, kSpeaks)) return {};
  return Equality(path, before, after).run();
}

}  // namespace baton::audit
