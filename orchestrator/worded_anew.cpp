#include "orchestrator/worded_anew.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "analyzers/audit/line_changes.h"

namespace baton {
namespace {

// What of two lines differs, to the ends of its words.
struct Differing {
  std::string was, is;
  std::size_t at = 0;  // where it begins, in both
};

Differing differing(std::string_view was, std::string_view is) {
  std::size_t begin = 0, end = 0;
  const std::size_t shorter = std::min(was.size(), is.size());
  while (begin < shorter && was[begin] == is[begin]) ++begin;
  while (end < shorter - begin && was[was.size() - 1 - end] == is[is.size() - 1 - end]) ++end;
  const auto in_a_word = [](char c) { return std::isspace(static_cast<unsigned char>(c)) == 0 && c != '"' && c != '\'' && c != '`'; };
  while (begin > 0 && in_a_word(was[begin - 1])) --begin;
  while (end > 0 && in_a_word(was[was.size() - end])) --end;
  return {std::string(was.substr(begin, was.size() - begin - end)), std::string(is.substr(begin, is.size() - begin - end)), begin};
}

std::string digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) digits += c;
  }
  return digits;
}

// The sentence in quotes that begins before a place and ends behind it: three words or more.
bool is_within_a_sentence(std::string_view line, std::size_t at, std::size_t size) {
  static const RE2 kSentence(R"re(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`))re"), kWords(R"([\p{L}']{2,}[^\p{L}]+[\p{L}']{2,}[^\p{L}]+[\p{L}']{2,})");
  re2::StringPiece left(line.data(), line.size()), quoted;
  while (RE2::FindAndConsume(&left, kSentence, &quoted)) {
    const std::size_t begin = static_cast<std::size_t>(quoted.data() - line.data());
    if (begin < at && at + size < begin + quoted.size()) return RE2::PartialMatch(quoted, kWords);
  }
  return false;
}

std::optional<Differing> of_one_sentence(std::string_view was, std::string_view is) {
  Differing found = differing(was, is);
  if (found.was == found.is || digits_of(found.was) != digits_of(found.is)) return std::nullopt;
  if (!is_within_a_sentence(was, found.at, found.was.size()) || !is_within_a_sentence(is, found.at, found.is.size())) return std::nullopt;
  return found;
}

bool tells_of_an_error(std::string_view line) {
  static const RE2 kTells(R"(\b(panic|throw|raise|bail|ensure|abort|reject|die|[Ww]arn\w*|[Ff]atal\w*|log(ger)?)\b|(?:Error|Exception|Errorf)\b|\berrors?\.New\b|\bexpect\()");
  return RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kTells);
}

bool has(const std::vector<audit::ChangedLine>& lines, const std::string& words) {
  return !words.empty() && std::any_of(lines.begin(), lines.end(), [&](const audit::ChangedLine& line) { return tells_of_an_error(line.text) && line.text.find(words) != line.text.npos; });
}

}  // namespace

bool is_worded_anew(const TextPair& test, const std::vector<TextPair>& program) {
  const audit::LineChanges lines = audit::line_changes(test.before, test.after);
  std::vector<bool> taken(lines.fresh.size());
  const auto follows = [&](const audit::ChangedLine& lost) {
    for (std::size_t i = 0; i < lines.fresh.size(); ++i) {
      const auto one = taken[i] ? std::nullopt : of_one_sentence(lost.text, lines.fresh[i].text);
      if (!one) continue;
      taken[i] = true;
      return std::any_of(program.begin(), program.end(), [&](const TextPair& text) {
        const audit::LineChanges of = audit::line_changes(text.before, text.after);
        return has(of.lost, one->was) && has(of.fresh, one->is);
      });
    }
    return false;
  };
  return !lines.lost.empty() && std::all_of(lines.lost.begin(), lines.lost.end(), follows);
}

}  // namespace baton
