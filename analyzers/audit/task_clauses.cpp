#include "analyzers/audit/task_clauses.h"

#include <re2/re2.h>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

const std::string kTidying =
    "(refactor|tid(y|ies|ied)|clean|restructur|reorgani[sz]|simplif|reformat|extract|split|inline|dedup|speed|optimi[sz]|bump|moderni[sz]|"
    "lint|renam|mov|document|describ|explain|comment|annotat|typ(e|es|ed|ing)$|polish|shorten|rewrit|rework|profil|benchmark)";
const std::string kAsking =
    "(fix|chang|add|support|implement|introduc|correct|return|rais(e|es|ed|ing)$|throw|drop|remov|delet|updat|allow|accept|reject|refus|replac|deprecat|handl|round|"
    "increas|decreas|lower|mak(e|es|ing)$|improv|switch|convert|charg|show|print|giv(e|es)$|let$|stop|start|us(e|es)$|set$|count|treat|ignor|skip|escap|strip|trim|rever[ts]|enabl|disabl|turn|limit|cap$)";

// What stands before the order itself: "please", "make sure that", "test(api):".
std::string_view without_address(std::string_view text) {
  static const RE2 kAddress("^(please|also|just|then|and|to|we|now|so|let's|let us|make sure|ensure|that|you|should|must|need|but|it|[-*+•]|\\d+[.)]|(test|tests|ci|build|chore|release)(\\([^)]*\\))?!?:)\\s+");
  re2::StringPiece left(text.data(), text.size());
  while (RE2::Consume(&left, kAddress)) {}
  return {left.data(), left.size()};
}

bool begins_an_order(std::string_view word) {
  static const RE2 kOrder("^(" + kTidying + "|" + kAsking + "|(writ|mak|keep|leav|run|ensur|extend)(e|es|s)?$)");
  return matches(word, kOrder);
}

// A number that is no value of the program's: `#100`, "Node 20 and 22", "100 ms".
void take_other_numbers(std::string& text) {
  static const std::string numbers = "\\d[\\d.]*((,| and| or|,? to|-|/) ?[#v]?\\d[\\d.]*)*";
  static const RE2 kNamed("(#|\\bgh-|\\bv|\\b(issues?|prs?|pull|bugs?|tickets?|versions?|node(\\.js)?|python|py|go|golang|java|jdk|rust|php|ruby|gcc|clang|c\\+\\+|lines?|steps?|parts?|sections?|rfc|chapter|pages?)[ -]#?)" + numbers);
  static const RE2 kCounted("\\b" + numbers + " ?(ms|ns|us|µs|secs?|seconds?|minutes?|hours?|days?|times|x|calls?|requests?|users?|threads?|cores?|workers?|[kmgt]i?b|files?|tests?|places|callers)\\b");
  RE2::GlobalReplace(&text, kNamed, "");
  RE2::GlobalReplace(&text, kCounted, "");
}

// Orders that leave behaviour as it is although their verb alone would not: "add type hints to total", "it should run in half the time".
void take_idle_orders(std::string& text, Means& means) {
  static const std::string fillers = "(?:(?:a|an|the|some|more|missing|all|any|few|new|broken|failing|flaky|other|existing|public|code|minor|small|various|several|remaining|wrong|incorrect|unit|regression|integration|of|its|our) )*";
  // "Fix the test client" and "fix comment parsing" are about the program.
  static const std::string alone = "( (for|of|to|that|in|on|with|and|which|when|where|about|above|below)\\b|,|$)";
  static const RE2 kOfTests("\\b(add|writ|improv|extend|fix|correct|expand|provid|clean|make|get)\\w* " + fillers + "(\\w+ )?((tests|test cases?|tests? suite|specs|(test )?coverage)\\b|(test|spec)" + alone + ")[^,]*");
  static const RE2 kOfTexts("\\b(add|writ|improv|extend|fix|updat|correct|clarif|expand|provid|remov|resolv|silenc|address)\\w* " + fillers + "((type|types|typing|lint\\w*|linter|compiler|flake8|bugbear|mypy|ruff|eslint|pylint|clippy|vet) )*(type (annotations?|hints?|definitions?|declarations?|errors?)|types|typings?|annotations?|hints|documentation|docs?|docstrings?|"
                            "readme|changelog|comments|comment" + alone + "|typos?|spelling|grammar|lint\\w*|linter|flake8|mypy|ruff|eslint|pylint|clippy|formatting|style|(lint\\w*|compiler) (errors?|warnings?)|performance|speed|readability|efficiency|benchmarks?)\\b[^,]*");
  static const RE2 kFaster("\\b(mak(e|es|ing) ([\\w.`]+ ){1,4}|((must|should|has to|needs? to|can) )?(be|become|get) )((a bit|much|more|twice as|\\w+ times( as)?) )?(easier|easy|fast|faster|simpler|cleaner|shorter|readable|quick|quicker|tidier|clearer|smaller|efficient|robust|maintainable|idiomatic|concise|testable|pure)\\b");
  // What the code is made of: a loop, an import, a cache.
  static const RE2 kOfForm("\\b(us|replac|convert|turn|unroll|rewrit)(e|es|ing|s)? ([\\w`'-]+ ){0,4}(loops?|recursion|const|let|var|arrow functions?|typescript|es ?modules?|esm|comprehensions?|f-strings?|async/await)\\b[^,]*|"
                           "\\b(remov|delet|drop|eliminat)\\w* ([\\w`'-]+ ){0,2}(dead code|(duplicated?|redundant|unused) (code|logic|branch(es)?|functions?|helpers?|variables?|imports?)|duplication)\\b[^,]*|"
                           "\\b(updat|sort|fix|clean|bump|add|remov)\\w* ([\\w`'-]+ ){0,2}(imports?|dependenc(y|ies))\\b[^,]*|\\breturn\\w* early\\b[^,]*|\\badd\\w* (an? |some )?(early returns?|caching( (to|for|of|in)\\b[^,]*)?$|memoi[sz]ation\\b[^,]*)|"
                           "\\b(reduc|avoid|sav|cut)\\w* ([\\w`'-]+ ){0,3}(memory|allocations?|copies|copying|complexity|boilerplate|duplication|overhead|nesting)\\b[^,]*|\\b(style guide|memoi[sz]e)\\b[^,]*");
  static const RE2 kInTime("\\b((must|should|has to|have to|needs? to|can|may) )?(run|take|finish|load|start|complete|return|answer)s?\\b[^,]*\\b(time|fast|faster|quick|quicker|quickly|seconds?|ms|milliseconds|memory|cpu)\\b");
  const auto take = [&](const RE2& pattern, Means what) {
    if (RE2::GlobalReplace(&text, pattern, "") > 0) means = what;
  };
  take(kOfTests, Means::tests);
  take(kOfTexts, Means::tidies);
  take(kFaster, Means::tidies);
  take(kOfForm, Means::tidies);
  take(kInTime, Means::tidies);
}

bool forbids_a_change(std::string_view text) {
  static const std::string change = "(chang|touch|break|broke|alter|affect|modif|updat|differ|regress|rewrit|adapt|adjust|edit)\\w*";
  static const RE2 kNothing("\\b(nothing|nowhere|no (one|tests?|callers?|behaviou?rs?|outputs?|results?|functionality|values?|apis?))\\b( [\\w']+){0,4} " + change + "|\\b" + change + " (nothing|none|no (other )?(tests?|behav\\w*|results?|outputs?|expect\\w*))\\b");
  static const RE2 kNever("\\b(do not|don't|must not|mustn't|should not|shouldn't|may not|can not|cannot|can't|never|without|avoid|not to)( \\w+){0,2} " + change);
  static const RE2 kInPlace("\\b" + change + " (\\w+ ){0,2}(inputs?|arguments?|args|params?|originals?|lists?|dicts?|requests?|headers?|state|globals?|environ\\w*|defaults?)\\b|in[ -]place");
  static const RE2 kPass("\\b(tests?|suite|ci|build|checks?|specs?)\\b( \\w+){0,4} (pass|passes|passing|green|succeed|succeeds)\\b|\\b(everything|all)\\b( \\w+){0,3} (work|works|working|pass|passes)\\b");
  return matches(text, kNothing) || (matches(text, kNever) && !matches(text, kInPlace)) || matches(text, kPass);
}

bool holds_on(std::string_view text) {
  static const RE2 kHolds("\\bkeeps\\b|\\bkeep(ing)? ([\\w`']+ ){0,5}(as|same|unchanged|intact|working|\\w+ing)\\b|\\bcontinues? to\\b|\\bstill\\b|\\b(stay|remain)s?\\b|\\bunchanged\\b|\\b(untouched|unaffected)\\b|\\b(is|are) not (changed|touched|affected)\\b|\\bintact\\b|"
                          "\\bsame (as (before|now|today)|values?|results?|outputs?|behaviou?rs?)\\b|\\b(is|are|was|were) (already |always |perfectly )*(correct|right|fine|ok)\\b|\\bpreserv\\w* (the |all |its |existing |current )*(behaviou?r|semantics|api|output|results?)");
  return matches(text, kHolds);
}

Means meaning_of(std::string_view said) {
  static const RE2 kTidiesFirst("^(" + kTidying + "|(refactor|perf|docs?|style)(\\([^)]*\\))?!?:)"), kAsksFirst("^(" + kAsking + "|(fix|feat)(\\([^)]*\\))?!?:)");
  static const RE2 kTidies("\\b" + kTidying + "\\w*|\\b(faster|performance|typos?|docstrings?|documentation|readme|readab\\w*|cosmetic|style)\\b"), kAsks("\\b" + kAsking + "\\w*|\\b(bugs?|raises?|throws?|should|must|instead|now|no longer|any ?more|feature)\\b");
  static const RE2 kFailing("\\b(add|writ)\\w* .*\\bfailing (\\w+ )?tests?\\b");  // the program is to be made to pass them
  if (forbids_a_change(said)) return Means::keeps;
  if (matches(said, kFailing)) return Means::asks;
  std::string text(without_address(said));
  while (!text.empty() && std::string_view(".,;:!?)").find(text.back()) != std::string_view::npos) text.pop_back();
  Means idle = Means::states;
  take_idle_orders(text, idle);
  const std::string_view first = without_address(trimmed(text));
  const std::string word(first.substr(0, first.find_first_of(" ,.")));
  if (matches(word, kTidiesFirst)) return Means::tidies;
  if (matches(word, kAsksFirst)) return Means::asks;
  if (holds_on(text)) return Means::keeps;
  if (matches(text, kAsks)) return Means::asks;
  return idle != Means::states ? idle : matches(text, kTidies) ? Means::tidies : Means::states;
}

// Lines that belong together, without what tools put below a message.
std::vector<std::string> paragraphs_of(std::string_view task) {
  static const RE2 kTrailer("^[\\w-]+-by: "), kBegins("^([-*+•]|\\d+[.)]|#+) ");
  std::vector<std::string> found(1);
  for (const std::string_view line : lines_of(task)) {
    const std::string_view text = trimmed(line);
    if (matches(text, kTrailer)) continue;
    if (text.empty() || matches(text, kBegins)) found.emplace_back();
    if (!text.empty()) found.back() += std::string(text) + " ";
  }
  return found;
}

// A sentence ends; what follows has a subject of its own.
bool ends_a_sentence(std::string_view word) { return word.ends_with('.') || word.ends_with(';') || word.ends_with('!') || word.ends_with('?') || word.ends_with(".)"); }

// "…, and document it", "… to support x", "… without changing y": another clause of the same sentence.
bool begins_a_clause(std::string_view word, std::string_view next, std::string_view before, std::size_t length) {
  static const RE2 kTurns("^(but|while|whereas|without|yet|so)$"), kPurpose("^(support|allow|accept|reject|refus|rais|throw|round|return|fix)\\w*$");
  if (length == 0) return false;
  if (matches(word, kTurns)) return true;
  if ((word == "and" || word == "then") && (begins_an_order(next) || next == "nothing" || next == "no")) return true;
  if (word == "to" && matches(next, kPurpose)) return true;
  return before.ends_with(':') && length >= 3;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> found(1);
  for (const char c : text) {
    if (c != ' ' && c != '\t') found.back() += c;
    else if (!found.back().empty()) found.emplace_back();
  }
  if (found.back().empty()) found.pop_back();
  return found;
}

}  // namespace

std::vector<TaskClause> clauses_of(std::string_view task) {
  std::vector<TaskClause> found;
  for (const std::string& paragraph : paragraphs_of(task)) {
    const std::vector<std::string> said = split_words(paragraph);
    std::string sentence, clause;  // the sentence as it is written: words of code are taken apart by their capitals
    std::size_t length = 0;
    const auto put = [&] {
      sentence += clause;
      std::string text = lower(clause);
      take_other_numbers(text);
      if (!trimmed(text).empty()) found.push_back({text, words(sentence), meaning_of(trimmed(text))});
      clause.clear();
      length = 0;
    };
    for (std::size_t i = 0; i < said.size(); ++i) {
      const std::string next = i + 1 < said.size() ? lower(said[i + 1]) : std::string();
      if (begins_a_clause(lower(said[i]), next, i > 0 ? said[i - 1] : "", length)) put();
      clause += said[i] + " ";
      ++length;
      if (!ends_a_sentence(said[i]) && i + 1 < said.size()) continue;
      put();
      sentence.clear();
    }
  }
  return found;
}

}  // namespace baton::audit
