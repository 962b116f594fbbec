#include "orchestrator/task_words.h"

#include <algorithm>
#include <array>

namespace baton {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
char lowered(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lowered(c);
  return result;
}

bool is_vowel(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }
bool has_vowel(std::string_view text) { return std::any_of(text.begin(), text.end(), is_vowel); }

// "stopped" -> "stop", "caching" -> "cach".
std::string without_suffix(std::string_view word, std::string_view suffix) {
  std::string stem(word.substr(0, word.size() - suffix.size()));
  const std::size_t n = stem.size();
  if (n >= 3 && stem[n - 1] == stem[n - 2] && !is_vowel(stem[n - 1]) && std::string_view("lsz").find(stem[n - 1]) == std::string_view::npos) stem.pop_back();
  return stem;
}

// Curly quotes and long dashes to the plain ones: one spelling of "doesn't".
std::string plain_marks(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kMarks = {{{"\u2019", "'"}, {"\u2018", "'"},
      {"\u201c", "\""}, {"\u201d", "\""}, {"\u2013", " - "}, {"\u2014", " - "}, {"\u2026", "..."}, {"\u2192", " to "}}};
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto mark = std::find_if(kMarks.begin(), kMarks.end(), [&](const auto& m) { return text.substr(i).starts_with(m.first); });
    if (mark == kMarks.end()) {
      result += text[i++];
    } else {
      result += mark->second;
      i += mark->first.size();
    }
  }
  return result;
}

std::vector<std::string> identifier_parts(std::string_view word) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    const bool begins = is_upper(c) && i > 0 && (is_lower(word[i - 1]) || is_digit(word[i - 1]) || (i + 1 < word.size() && is_lower(word[i + 1])));
    if ((c == '_' || begins) && !parts.back().empty()) parts.emplace_back();
    if (c != '_') parts.back() += lowered(c);
  }
  if (parts.back().empty()) parts.pop_back();
  if (parts.size() < 2) return {};
  for (std::string& part : parts) part = word_stem(part);
  return parts;
}

constexpr std::string_view kPathMarks = "/._-@+[]*";

bool known_file_name(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kNames = {"Dockerfile", "Makefile", "Jenkinsfile", "Vagrantfile", "Procfile", "README", "CHANGELOG", "Justfile"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// A word without a slash is a file only when its ending is one that files have: `status.id` is a field.
bool known_extension(std::string_view extension) {
  static constexpr std::string_view kExtensions =
      " astro bash bzl c cc cfg cjs clj cmake conf cpp cs csproj css csv cts cxx dart ejs env erb ex exs fs go gradle graphql h haml hbs hcl hpp hs htm html"
      " ini ino ipynb java jl js json jsonl jsx kt kts less lock lua m md mdx mjml mjs mk ml mm mts nix php pl plist po prisma properties proto ps1 py r"
      " rake rb rs rst s sass scala scss sh snap sql styl svelte svg swift tex tf tfvars toml ts tsx twig txt vue xaml xml yaml yml zig ";
  return !extension.empty() && kExtensions.find(" " + std::string(extension) + " ") != std::string_view::npos;
}

bool is_path(std::string_view word) {
  static constexpr std::array<std::string_view, 5> kNotFiles = {"node.js", "next.js", "vue.js", "nuxt.js", "express.js"};
  const std::string_view name = word.substr(word.rfind('/') + 1);
  if (known_file_name(name)) return true;
  if (word.size() < 4 || word.find("//") != word.npos || word.front() == '/') return false;
  const std::size_t dot = name.rfind('.');
  const bool file = dot != name.npos && dot > 0 && known_extension(name.substr(dot + 1));
  if (word.find('/') != word.npos) return file || word.ends_with('/') || std::count(word.begin(), word.end(), '/') > 1;
  return file && std::find(kNotFiles.begin(), kNotFiles.end(), lowered(word)) == kNotFiles.end();
}

std::vector<std::string> named_paths(std::string_view text) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_word(text[i]) && kPathMarks.find(text[i]) == kPathMarks.npos) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && (is_word(text[end]) || kPathMarks.find(text[end]) != kPathMarks.npos)) ++end;
    std::string_view word = text.substr(i, end - i);
    while (!word.empty() && std::string_view(".-*").find(word.back()) != std::string_view::npos) word.remove_suffix(1);
    if (word.starts_with("./")) word.remove_prefix(2);
    if (is_path(word) && std::find(paths.begin(), paths.end(), word) == paths.end()) paths.emplace_back(word);
    i = end;
  }
  return paths;
}

// `/compose?x=1` is where a page or an answer is found, `@Component` a mark of a language: no words of the task.
std::string without_addresses(std::string text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const bool begins = i == 0 || std::string_view(" `\"'(").find(text[i - 1]) != std::string_view::npos;
    const bool address = text[i] == '/' && is_word(text[i + 1]), mark = text[i] == '@' && is_upper(text[i + 1]);
    if (!begins || !(address || mark)) continue;
    while (i < text.size() && std::string_view(" `\"')").find(text[i]) == std::string_view::npos) text[i++] = ' ';
  }
  return text;
}

bool is_log_line(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == line.npos) return false;
  const std::string_view text = line.substr(first);
  static constexpr std::array<std::string_view, 9> kHeads = {"at ", "File \"", "Traceback", "ERROR", "Caused by", "error:", "panic:", "npm ERR", "E   "};
  return std::any_of(kHeads.begin(), kHeads.end(), [&](std::string_view head) { return text.starts_with(head) && (head != "at " || text.find('(') != text.npos); });
}

// Where a clause ends: after a sentence, a comma, a semicolon, a dash, or before a joining word.
struct Cut {
  std::size_t skip = 0;  // 0: no cut here
  bool sentence = false;
};

Cut cut_at(std::string_view line, std::size_t i) {
  const std::string_view rest = line.substr(i);
  const bool space_follows = rest.size() < 2 || rest[1] == ' ';
  if (std::string_view(".!?;").find(rest[0]) != std::string_view::npos && space_follows) return {1, true};
  if (rest[0] == ',' && space_follows) return {1, false};
  for (const std::string_view mark : {" - ", " -> ", " + "}) {
    if (rest.starts_with(mark)) return {mark.size(), false};
  }
  for (const std::string_view word : {" and ", " plus ", " but ", " so that ", " because ", " instead of ", " although "}) {
    if (rest.starts_with(word)) return {1, false};
  }
  return {};
}

bool matches_glob_path(std::string_view pattern, std::string_view path) {
  if (pattern.starts_with("**/")) {
    for (;;) {
      if (matches_glob_path(pattern.substr(3), path)) return true;
      const std::size_t slash = path.find('/');
      if (slash == path.npos) return false;
      path.remove_prefix(slash + 1);
    }
  }
  if (pattern == "**") return true;
  if (pattern.empty() || path.empty()) return pattern.empty() ? path.empty() : pattern == "*";
  if (pattern.front() == '*') {
    return matches_glob_path(pattern.substr(1), path) || (path.front() != '/' && matches_glob_path(pattern, path.substr(1)));
  }
  return lowered(pattern.front()) == lowered(path.front()) && matches_glob_path(pattern.substr(1), path.substr(1));
}

}  // namespace

std::string word_stem(std::string_view word) {
  std::string stem(word);
  const auto ends = [&](std::string_view suffix) { return stem.size() > suffix.size() + 2 && std::string_view(stem).ends_with(suffix); };
  if (stem.size() > 3 && ends("ies")) {
    stem.replace(stem.size() - 3, 3, "y");
  } else if (ends("sses") || ends("shes") || ends("ches") || ends("xes") || ends("zes")) {
    stem.erase(stem.size() - 2);
  } else if (stem.size() > 3 && stem.ends_with('s') && !stem.ends_with("ss") && !stem.ends_with("us") && !stem.ends_with("is")) {
    stem.pop_back();
  }
  for (const std::string_view suffix : {"ing", "ed"}) {
    if (!ends(suffix) || !has_vowel(std::string_view(stem).substr(0, stem.size() - suffix.size()))) continue;
    stem = without_suffix(stem, suffix);
    break;
  }
  // "cache", "caching" and "cached" meet without the last e; "querying" and "query", "queries" and "query" by the y.
  if (stem.size() > 3 && stem.ends_with('e') && !stem.ends_with("ee")) stem.pop_back();
  if (stem.size() > 3 && stem.ends_with('i')) stem.back() = 'y';
  return stem;
}

std::vector<TaskWord> task_words(std::string_view given) {
  const std::string text = plain_marks(given);
  std::vector<TaskWord> words;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_word(text[i])) {
      ++i;
      continue;
    }
    std::string raw;
    for (; i < text.size(); ++i) {
      const bool apostrophe = text[i] == '\'' && i + 1 < text.size() && is_lower(text[i + 1]) && !raw.empty();
      const bool plus = (text[i] == '+' || text[i] == '#') && raw.size() == 1 && (raw == "C" || raw == "c" || raw == "N" || raw == "n");
      if (plus) raw += text[i];
      if (!is_word(text[i]) && !apostrophe && !plus) break;
      if (is_word(text[i])) raw += text[i];
    }
    TaskWord word;
    word.text = lowered(raw);
    word.stem = word_stem(word.text);
    word.parts = identifier_parts(raw);
    words.push_back(std::move(word));
  }
  return words;
}

std::vector<TaskClause> task_clauses(std::string_view given) {
  const std::string text = plain_marks(given);
  std::vector<TaskClause> clauses;
  std::size_t sentence = 0;
  bool title = true;
  const auto add = [&](std::string_view part, bool log) {
    TaskClause clause;
    clause.text = part;
    clause.paths = named_paths(part);
    // A path speaks for itself: the words in it say nothing more about the work.
    std::string prose(part);
    for (const std::string& path : clause.paths) {
      for (std::size_t at; (at = prose.find(path)) != prose.npos;) prose.replace(at, path.size(), " ");
    }
    clause.words = task_words(without_addresses(std::move(prose)));
    if (clause.words.empty() && clause.paths.empty()) return;
    clause.sentence = sentence;
    clause.title = title;
    clause.log = log;
    clauses.push_back(std::move(clause));
  };
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    ++sentence;
    const std::size_t before = clauses.size();
    if (is_log_line(line)) {
      add(line, true);
    } else {
      std::size_t from = 0;
      for (std::size_t i = 0; i < line.size(); ++i) {
        const Cut cut = cut_at(line, i);
        if (cut.skip == 0) continue;
        add(line.substr(from, i - from), false);
        from = i + cut.skip;
        if (cut.sentence) ++sentence;
        i = from - 1;
      }
      if (from < line.size()) add(line.substr(from), false);
    }
    if (clauses.size() > before) title = false;
  }
  return clauses;
}

bool matches_path(std::string_view pattern, std::string_view path) {
  if (pattern.find('/') == pattern.npos) path = path.substr(path.rfind('/') + 1);
  return matches_glob_path(pattern, path);
}

bool covers(std::string_view pattern, std::string_view path) {
  const std::string_view folder = pattern.substr(0, pattern.size() - pattern.ends_with('/'));
  const bool below = path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
  return path == pattern || below || matches_path(pattern, path);
}

void Lexicon::add(std::string_view phrase, int group, double weight) {
  Entry entry{{}, group, weight, std::string(phrase)};
  for (const TaskWord& word : task_words(phrase)) entry.stems.push_back(word.stem);
  if (entry.stems.empty()) return;
  auto& entries = by_first_[entry.stems.front()];
  const auto same = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.stems == entry.stems; });
  if (same != entries.end()) {
    *same = std::move(entry);  // the last one given counts: a user's word over ours
    return;
  }
  entries.push_back(std::move(entry));
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.stems.size() > b.stems.size(); });
}

const Lexicon::Entry* Lexicon::longest_at(const std::vector<TaskWord>& words, std::size_t at) const {
  const auto found = by_first_.find(words[at].stem);
  if (found == by_first_.end()) return nullptr;
  for (const Entry& entry : found->second) {
    if (at + entry.stems.size() > words.size()) continue;
    bool same = true;
    for (std::size_t i = 1; same && i < entry.stems.size(); ++i) same = words[at + i].stem == entry.stems[i];
    if (same) return &entry;
  }
  return nullptr;
}

std::vector<LexiconHit> Lexicon::hits(const std::vector<TaskWord>& words) const {
  std::vector<LexiconHit> hits;
  for (std::size_t i = 0; i < words.size();) {
    if (const Entry* entry = longest_at(words, i)) {
      hits.push_back({entry->group, entry->weight, entry->phrase});
      i += entry->stems.size();
      continue;
    }
    std::vector<TaskWord> parts;
    for (const std::string& part : words[i].parts) parts.push_back({part, part, {}});
    for (std::size_t k = 0; k < parts.size();) {
      const Entry* entry = longest_at(parts, k);
      if (entry) hits.push_back({entry->group, entry->weight / 2, entry->phrase});
      k += entry ? entry->stems.size() : 1;
    }
    ++i;
  }
  return hits;
}

}  // namespace baton
