#include "analyzers/audit/intent.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/removal_words.h"

namespace baton::audit {
namespace {

// Words that every task and every test has.
const std::set<std::string>& common_words() {
  static const std::set<std::string> common = words(
      "the a an and or of to in on at by for from with without into over is are was be been it its this that these those as so not no do does did all any each "
      "test tests testing should must can will when where which who what how also only just make makes made use uses used using new old now then than more less "
      "fix fixes fixed bug issue add adds added change changes changed update updates updated file files code function functions method class value values case cases "
      "expect expected assert equal true false null none return returns get set self string int py js ts src lib app main index unit spec "
      "0 1 2 error errors result results data name type behaviour behavior work works if up out");
  return common;
}

bool matches(const std::string& text, const char* pattern) { return RE2::PartialMatch(text, pattern); }

bool overlaps(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& word) { return b.count(word) > 0; });
}

std::vector<std::string> others(const std::set<std::string>& some, const std::set<std::string>& rest) {
  std::vector<std::string> found;
  std::set_difference(some.begin(), some.end(), rest.begin(), rest.end(), std::back_inserter(found));
  return found;
}

std::set<std::string> telling_words(std::string_view text) {
  std::set<std::string> found = words(text);
  std::erase_if(found, [](const std::string& word) { return common_words().count(word) > 0; });
  return found;
}

// Numbers apart: each stands for something else in each sentence.
std::set<std::string> subject_words(std::string_view text) {
  std::set<std::string> found = telling_words(text);
  std::erase_if(found, [](const std::string& word) { return number_of(word).has_value(); });
  return found;
}

// As words of its own.
bool stands_in(std::string_view text, std::string_view value) {
  const auto goes_on = [&](std::size_t at) { return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])); };
  for (std::size_t at = text.find(value); at != text.npos; at = text.find(value, at + 1)) {
    if ((at == 0 || !goes_on(at - 1)) && !goes_on(at + value.size())) return true;
  }
  return false;
}

bool adapts_tests(const std::string& clause) {
  return matches(clause, "\\bfix(e[ds])? (the |some )*tests? (for|after|to match|to follow) (the |a )*(new|chang\\w+|other)\\b|\\b(chang|updat|adapt|adjust)(e|es|ed|ing|s)? (the |all |our |some |existing |expected )*(\\w+ ){0,3}(tests?|expectations?|expected (values?|outputs?|results?))\\b") &&
         !matches(clause, "(\\bnot|n't|never|nothing|without|avoid) (\\w+ )?(chang|updat|adapt|adjust)");
}

// "Skip blank lines" and "add retries" are about the program.
bool switches_tests_off(const std::string& clause) {
  return matches(clause, "\\b(xfail\\w*|quarantin\\w*|flak\\w*)\\b|\\b(skip\\w*|disabl\\w*|ignor\\w*|mut(e|ed|ing)|retr(y|ies|ied|ying)|rerun\\w*|mark\\w*)( \\S+){0,4}? \\S*(tests?\\b|\\btest_?\\w|specs?\\b|suites?\\b|\\bci\\b)|"
                         "(tests?|specs?|suites?)\\b( \\S+){0,4} (skip\\w*|disabl\\w*|ignor\\w*|mut(e|ed|ing)|retr(y|ies|ied|ying)|unstable|temporar\\w*)\\b") &&
         !matches(clause, "(\\bnot|n't|never|no|without|avoid) (skip|disabl|ignor|mut|retr|mark|xfail|quarantin)");
}

}  // namespace

Intent::Intent(const std::optional<std::string>& task) {
  if (!task || trimmed(*task).empty()) return;
  given_ = true;
  told_ = *task;
  text_ = lower(*task);
  words_ = telling_words(*task);
  says_so_ = matches(text_,
                               "behaviou?r (must|should|has to|needs to|is to|may|does|will|can)? ?(not|n't|never)? ?(be )?(chang|alter|affect|differ)|(no|without|not?) (any )?(functional|behaviou?ral?|semantic|behaviou?r|logic)"
                               " (change|difference)|(keep|preserv|retain)\\w* (the |all |its |existing |current )*(behaviou?r|semantics|functionality|outputs?|results?)|same behaviou?r|behaviou?r (stays|remains|is kept|unchanged|identical)|"
                               "without chang\\w+ (the |its |any |what )*(behaviou?r|semantics|results?|output)|do(n't| not) change (the |any |its )*(behaviou?r|semantics|tests?|results?|output)|non-functional|\\bnfc\\b");
  clauses_ = clauses_of(*task);
  const auto any = [&](auto... means) { return std::ranges::any_of(clauses_, [&](const TaskClause& clause) { return ((clause.means == means) || ...); }); };
  const bool adapts = std::ranges::any_of(clauses_, [](const TaskClause& clause) { return clause.means != Means::keeps && adapts_tests(clause.text); });
  keeps_ = says_so_ || (any(Means::keeps, Means::tidies) && !any(Means::asks));
  removes_ = matches(text_, "\\b(remov\\w*|delet\\w*|drop\\w*|ditch\\w*|scrap(s|ped)?|deprecat\\w*|retir\\w*|get rid|strip|prun\\w*|no longer|discontinu\\w*|revert\\w*|eliminat\\w*|unused|obsolete|redundant|duplicat\\w*|consolidat\\w*|merg\\w*)\\b");
  reverts_ = !says_so_ && matches(text_, "^\\W*(revert\\w*|back(s|ed|ing)? ?out|roll(s|ed|ing)? ?back|undo(es)?)\\b");
  allows_ = matches(text_, "\\b(not|n't|never|no longer|without) (be )?(throw|rais|fail|error|reject|panic|refus|complain|crash)") || matches(text_, "\\b(allow\\w*|accept\\w*|permit\\w*|support\\w*|tolerat\\w*|enabl\\w*|relax\\w*|lift\\w*)\\b");
  retests_ = !says_so_ && adapts;
  rewrites_ = matches(text_, "\\b(rewrit\\w*|rewrote|rework\\w*|overhaul\\w*|restructur\\w*|reorgani[sz]\\w*) (\\w+ ){0,3}(tests?|specs?|test suite)\\b");
  rewords_ = !says_so_ && matches(text_, "\\b(improv\\w*|better|clearer|nicer|friendlier|reword\\w*|rephras\\w*|fix\\w*|chang\\w*|updat\\w*|tweak\\w*|adjust\\w*|unif\\w*|format\\w*|correct\\w*) (the |our |all |of |some )*(\\w+ ){0,2}(messages?|wordings?|texts?)\\b");
  static const RE2 kCode("\\b([A-Za-z_]\\w*[a-z_][A-Z_]\\w*|\\w+_\\w+|[A-Za-z_]\\w+\\()");
  re2::StringPiece left(*task);
  std::string name;
  while (RE2::FindAndConsume(&left, kCode, &name)) {
    if (name.back() == '(') name.pop_back();
    if (name.size() > 4) code_.insert(lower(name));
  }
  disables_ = std::ranges::any_of(clauses_, [](const TaskClause& clause) { return clause.means != Means::keeps && switches_tests_off(clause.text); });
}

bool Intent::mentions(std::string_view about) const { return given_ && overlaps(telling_words(about), words_); }

bool Intent::asks(const TaskClause& clause) const {
  return !keeps_ && (clause.means == Means::asks || clause.means == Means::states);
}

bool Intent::names_value(const TaskClause& clause, const std::string& literal) const {
  if (const auto number = number_of(literal)) {
    const std::set<std::string> said = audit::words(clause.text);  // a sign is no part of a word
    return asks(clause) && std::ranges::any_of(said, [&](const std::string& one) { return number_of(one) == std::abs(*number); });
  }
  // A rename or a move may say as well what is to stand there now.
  const std::string inside = lower(literal[0] == '\'' ? literal.substr(1, literal.size() - 2) : literal);
  return inside.size() > 1 && !number_of(inside) && stands_in(clause.text, inside);
}

// The clause that speaks most of it decides; one that keeps it outweighs one that says as much.
bool Intent::explains_change(std::string_view about, std::string_view is, std::string_view was) const {
  if (!given_) return false;
  if (reverts_) return true;
  const std::vector<std::string> before = literals(was);
  std::vector<std::string> fresh = literals(is);
  std::erase_if(fresh, [&](const std::string& one) { return std::ranges::find(before, one) != before.end(); });
  const std::set<std::string> gone = subject_words(was), now = subject_words(is);
  std::set<std::string> subject = subject_words(about);
  subject.insert(now.begin(), now.end());
  if (removes_) subject.insert(gone.begin(), gone.end());
  long asked = 0, kept = 0;
  for (const TaskClause& clause : clauses_) {
    const auto shared = std::ranges::count_if(subject, [&](const std::string& word) { return clause.words.count(word) > 0; });
    if (clause.means == Means::keeps) kept = std::max<long>(kept, shared);
    else if (std::ranges::any_of(fresh, [&](const std::string& literal) { return names_value(clause, literal); })) return true;
    else if (asks(clause)) asked = std::max<long>(asked, shared);
  }
  return asked > kept;
}

bool Intent::explains_removal(std::string_view about) const {
  static constexpr const char* kOfTests = "\\b(remov\\w*|delet\\w*|drop\\w*|ditch\\w*|scrap(s|ped)?) (\\w+ ){0,4}(tests?|assertions?|asserts?|checks?|cases?|specs?)\\b";
  if (reverts_) return true;  // what a change brought goes with it
  if (removes_ && !code_.empty()) {
    const std::string names = lower(about);
    if (std::any_of(code_.begin(), code_.end(), [&](const std::string& name) { return names.find(name) != names.npos; })) return true;
  }
  return (removes_ && mentions(about)) || matches(text_, kOfTests);
}

bool Intent::takes_away_kind(std::string_view kind) const { return given_ && audit::takes_away_kind(told_, kind); }
bool Intent::takes_away(std::string_view name) const { return given_ && audit::takes_away(told_, name); }

bool Intent::allows(std::string_view refused) const {
  if (!allows_ || keeps_) return false;
  std::set<std::string> shared = telling_words(refused);
  std::erase_if(shared, [&](const std::string& word) { return words_.count(word) == 0; });
  return shared.size() >= 2;
}

bool Intent::names_both(std::string_view was, std::string_view is) const {
  const std::set<std::string> before = plain_words(was), now = plain_words(is), told = plain_words(text_);
  const auto gone = others(before, now), fresh = others(now, before);
  const auto is_told = [&](const std::string& word) { return told.count(word) > 0; };
  return !gone.empty() && !fresh.empty() && std::all_of(gone.begin(), gone.end(), is_told) && std::all_of(fresh.begin(), fresh.end(), is_told);
}

bool Intent::explains_wording(std::string_view was, std::string_view is) const {
  if (!rewords_) return false;
  const std::set<std::string> before = plain_words(was), now = plain_words(is);
  const auto is_number = [](const std::string& word) { return number_of(word).has_value(); };
  const auto gone = others(before, now), fresh = others(now, before);
  const bool texts = was.find('\'') != was.npos && is.find('\'') != is.npos;
  return texts && gone.size() + fresh.size() > 0 && std::none_of(gone.begin(), gone.end(), is_number) && std::none_of(fresh.begin(), fresh.end(), is_number);
}

bool Intent::explains_skipping(std::string_view name) const {
  static const RE2 kSkips("\\b(skip|disabl|ignor|xfail|allow|exclud)\\w*\\b");
  const std::string plain = lower(trimmed(name));
  return disables_ || std::ranges::any_of(clauses_, [&](const TaskClause& clause) { return clause.means != Means::keeps && RE2::PartialMatch(clause.text, kSkips) && stands_in(clause.text, plain); });
}

bool Intent::explains_setting(std::string_view words_of_it) const { return given_ && mentions(words_of_it); }

}  // namespace baton::audit
