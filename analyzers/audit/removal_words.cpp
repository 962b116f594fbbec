#include "analyzers/audit/removal_words.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>
#include <vector>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

struct Word {
  std::string text;      // without what stands around it
  bool code = false;     // it looks like a name of code: `old`, old(), legacy_round, OldClient, calc.old
  bool ends = false;     // a pause follows: a comma, a colon, a bracket
};

// What a sentence may say between "remove" and what is removed, after it, and between it and "is removed".
const RE2& before_name() {
  static const RE2 pattern("^(the|a|an|our|both|all|these|this|that|any|entire|whole|two|three|four|five|\\d+|deprecated|old|obsolete|unused|dead|legacy|public|private|internal|exported|global|now|long|"
                           "functions?|methods?|class(es)?|helpers?|modules?|files?|structs?|traits?|types?|constants?|commands?|endpoints?|fixtures?|aliases|alias|wrappers?|shims?|api|apis|tests?|and|or|also|support|for|rid|of|-|\\*|&|together|with|its|their|as|well)$");
  return pattern;
}
const RE2& after_name() {
  static const RE2 pattern("^(functions?|methods?|class(es)?|helpers?|modules?|files?|structs?|traits?|types?|constants?|commands?|endpoints?|fixtures?|alias(es)?|wrappers?|shims?|apis?|tests?|and|or|together|along|with|from|in|which|that|since|now|because|"
                           "entirely|completely|altogether|too|as|it|they|this|before|-|\\*|&|for|was|is|are|were|has|have)$");
  return pattern;
}
const RE2& until_removed() {
  static const RE2 pattern("^(is|are|was|were|be|been|being|to|has|have|had|must|should|shall|can|could|may|will|needs?|it|its|they|their|and|or|also|both|all|the|a|with|together|tests?|now|finally|since|in|for|by|no|longer|needed|used|called|"
                           "deprecated|unused|obsolete|dead|legacy|old|functions?|methods?|class(es)?|helpers?|modules?|files?|aliases|alias|v?[\\d.]+|so|therefore|long)$");
  return pattern;
}

bool is_not(const std::string& word) {
  static const RE2 kNot("^(not|never|don't|doesn't|won't|cannot|can't|without|instead|avoid|mustn't|shouldn't|nothing|isn't|aren't)$");
  return matches(word, kNot);
}

bool removes(const std::string& word) {
  static const RE2 kRemove("^(remov(e|es|ing)|delet(e|es|ing)|drop(s|ping)?|retir(e|es|ing)|eliminat(e|es|ing)|discontinu(e|es|ing)|ditch(es|ing)?|scrap(s|ping)?|rid)$");
  return matches(word, kRemove);
}
bool is_removed(const std::string& word) {
  static const RE2 kRemoved("^(removed|deleted|dropped|retired|eliminated|discontinued|ditched|scrapped)$");
  return matches(word, kRemoved);
}

// A full stop that ends a sentence is no part of "calc.old".
std::vector<std::string> sentences_of(std::string_view task) {
  std::string text(task);
  static const RE2 kEnd("([.;!?])(\\s|$)|\\n\\s*\\n");
  RE2::GlobalReplace(&text, kEnd, "\x01");
  std::vector<std::string> sentences(1);
  for (const char c : text) {
    if (c == '\x01') sentences.emplace_back();
    else sentences.back() += c;
  }
  return sentences;
}

Word word_of(std::string_view raw) {
  Word word;
  const auto first = raw.find_first_not_of("`\"'(*_,:[");
  word.ends = raw.find_last_of(",:") == raw.size() - 1 || raw.ends_with(")") || raw.ends_with("),");
  if (first == raw.npos) {
    word.text = raw;
    return word;
  }
  static const RE2 kCode("`|\\w\\(\\)|[A-Za-z0-9]_[A-Za-z0-9]|[a-z][A-Z]|\\w(\\.|::|#|/)[A-Za-z_]");
  word.code = matches(raw, kCode);
  std::string_view text = raw.substr(first);
  const auto last = text.find_last_not_of("`\"',:)(]*");
  text = text.substr(0, last == text.npos ? 0 : last + 1);
  word.text = std::string(text);
  return word;
}

std::vector<Word> words_of(std::string_view sentence) {
  std::vector<Word> words;
  for (std::size_t at = sentence.find_first_not_of(" \t\r\n"); at != sentence.npos;) {
    const std::size_t end = std::min(sentence.find_first_of(" \t\r\n", at), sentence.size());
    words.push_back(word_of(sentence.substr(at, end - at)));
    at = sentence.find_first_not_of(" \t\r\n", end);
  }
  // "the function old", "the old function" is told by the word before it alone.
  static const RE2 kKind("^(function|method|class|helper|module|struct|trait|constant|command|endpoint|fixture|test)$");
  for (std::size_t i = 1; i < words.size(); ++i) {
    static const RE2 kName("^[A-Za-z_]\\w{2,}$");
    if (matches(lower(words[i - 1].text), kKind) && matches(words[i].text, kName) && !matches(lower(words[i].text), before_name()) && !matches(lower(words[i].text), after_name())) words[i].code = true;
  }
  return words;
}

bool is_name(const Word& word, std::string_view name) {
  if (!word.code || word.text.size() < name.size()) return false;
  const std::string_view text = word.text;
  if (text == name) return true;
  const bool qualified = text.ends_with(name) && name.find('/') == name.npos;
  const char before = qualified ? text[text.size() - name.size() - 1] : ' ';
  return before == '.' || before == ':' || before == '#';
}

bool negated(const std::vector<Word>& words, std::size_t verb) {
  for (std::size_t i = verb > 3 ? verb - 3 : 0; i < verb; ++i) {
    if (is_not(lower(words[i].text))) return true;
  }
  return false;
}

// "Remove the deprecated `a` and b(), with their tests"
bool is_object(const std::vector<Word>& words, std::size_t at) {
  if (at + 1 < words.size() && !words[at].ends && !words[at + 1].code && !matches(lower(words[at + 1].text), after_name())) return false;
  for (std::size_t i = at; i-- > 0;) {
    const std::string word = lower(words[i].text);
    if (!words[i].code && removes(word)) return !negated(words, i);
    if (words[i].code || matches(word, before_name())) continue;
    return false;
  }
  return false;
}

// "`a` is deprecated and should be removed"
bool is_subject(const std::vector<Word>& words, std::size_t at) {
  if (at > 0 && matches(lower(words[at - 1].text), RE2("^(in|of|from|by|for|with|to|at|on|inside|when|where|while|if)$"))) return false;
  for (std::size_t i = at + 1; i < words.size(); ++i) {
    const std::string word = lower(words[i].text);
    if (is_removed(word)) return true;
    const bool last = i + 1 == words.size() || words[i].ends || matches(lower(words[i + 1].text), RE2("^(away|with|together|too)$"));
    if ((word == "go" || word == "goes") && last) return true;
    if (!words[i].code && !matches(word, until_removed())) return false;
  }
  return false;
}

// "`a` is no longer needed: remove it"
bool is_it(const std::vector<Word>& words, const std::vector<Word>& earlier, std::string_view name) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (lower(words[i].text) != "it" || !removes(lower(words[i - 1].text)) || negated(words, i - 1)) continue;
    if (!words[i].ends && i + 1 < words.size() && !matches(lower(words[i + 1].text), after_name())) continue;
    std::vector<Word> named(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(i));
    if (std::none_of(named.begin(), named.end(), [](const Word& word) { return word.code; })) named = earlier;
    std::erase_if(named, [](const Word& word) { return !word.code; });
    if (!named.empty() && std::all_of(named.begin(), named.end(), [&](const Word& word) { return is_name(word, name); })) return true;
  }
  return false;
}

}  // namespace

bool takes_away_kind(std::string_view task, std::string_view kind) {
  const auto is_it = [&](std::string word) {
    word = lower(word);
    return word == kind || word == std::string(kind) + "s" || word + "s" == kind;
  };
  static const RE2 kGoesOn("^(and|or|together|along|with|which|that|since|now|because|entirely|completely|altogether|too|as|it|they|-)$");
  for (const std::string& sentence : sentences_of(task)) {
    const std::vector<Word> words = words_of(sentence);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].code || !removes(lower(words[i].text)) || negated(words, i)) continue;
      std::size_t at = i + 1;
      while (at < words.size() && !words[at].code && matches(lower(words[at].text), before_name()) && !is_it(words[at].text)) ++at;
      if (at >= words.size() || !is_it(words[at].text)) continue;
      for (std::size_t end = at; end <= at + 1 && end < words.size(); ++end) {  // "Roman numerals", and not "the Roman column of the table"
        if (end + 1 == words.size() || words[end].ends || matches(lower(words[end + 1].text), kGoesOn)) return true;
      }
    }
  }
  return false;
}

bool takes_away(std::string_view task, std::string_view name) {
  if (name.size() < 2 || task.find(name) == task.npos) return false;
  std::vector<Word> earlier;
  for (const std::string& sentence : sentences_of(task)) {
    std::vector<Word> words = words_of(sentence);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (is_name(words[i], name) && (is_object(words, i) || is_subject(words, i))) return true;
    }
    if (is_it(words, earlier, name)) return true;
    earlier = std::move(words);
  }
  return false;
}

}  // namespace baton::audit
