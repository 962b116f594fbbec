#include "orchestrator/agents/shell_commands.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace baton {
namespace {

class Reader {
  using Then = ShellCommand::Then;

 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<std::vector<ShellCommand>> read() {
    while (at_ < text_.size() && fine_) step();
    end_command();
    if (!fine_ || redirect_) return std::nullopt;
    return std::move(found_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void step() {
    const char c = peek();
    switch (c) {
      case ' ': case '\t': case '\r': ++at_; return end_word();
      case '\n': case ';': ++at_; return end_command();
      case '|': return bar();
      case '&': return ampersand();
      case '>': case '<': return redirection();
      case '\'': return single_quoted();
      case '"': return double_quoted();
      case '\\': return escaped();
      case '`': case '(': case ')': case '\0': fine_ = false; return;
      case '$': return variable();
      case '#':
        if (!in_word_) return comment();
        break;
      default: pattern(c);
    }
    word_ += c;
    in_word_ = true;
    ++at_;
  }

  void comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  // What the shell puts other words in the place of, as far as one character and those before it tell.
  void pattern(char c) {
    const bool begins = !in_word_ || word_.ends_with('=') || word_.ends_with(':');
    if (c == '{') braces_ = true;
    const bool lists = braces_ && (c == ',' || (c == '.' && peek(1) == '.'));
    if (c == '*' || c == '?' || c == '[' || lists || (c == '~' && begins)) expands_ = true;
  }

  void bar() {
    const bool or_else = peek(1) == '|';
    at_ += or_else || peek(1) == '&' ? 2 : 1;
    end_command(or_else ? Then::or_else : Then::pipe);
  }

  void ampersand() {
    if (peek(1) == '&') {
      at_ += 2;
      end_command(Then::and_then);
    } else if (peek(1) == '>') {  // both streams
      ++at_;
      end_word();
      return redirection();
    } else {
      fine_ = false;  // what goes on in the background is nobody's to follow
    }
  }

  void redirection() {
    const bool from = peek() == '<' && peek(1) != '>';
    if (from && (peek(1) == '<' || peek(1) == '(')) {
      fine_ = false;
      return;
    }
    // The number of a stream before it is no word.
    const bool stream = in_word_ && std::all_of(word_.begin(), word_.end(), [](unsigned char c) { return std::isdigit(c); });
    if (stream) word_.clear(), in_word_ = false;
    end_word();
    ++at_;
    if (peek() == '>' || peek() == '|') ++at_;
    if (peek() == '(') fine_ = false;
    if (peek() == '&') {  // 2>&1
      ++at_;
      while (std::isdigit(static_cast<unsigned char>(peek())) || peek() == '-') ++at_;
      return;
    }
    redirect_ = from ? 'r' : 'w';
  }

  void single_quoted() {
    const auto end = text_.find('\'', at_ + 1);
    if (end == text_.npos) {
      fine_ = false;
      return;
    }
    word_ += text_.substr(at_ + 1, end - at_ - 1);
    in_word_ = true;
    at_ = end + 1;
  }

  void double_quoted() {
    in_word_ = true;
    for (++at_; fine_ && at_ < text_.size() && peek() != '"';) {
      if (peek() == '`' || (peek() == '$' && peek(1) == '(')) {
        fine_ = false;
      } else if (peek() == '$') {
        variable();
      } else {
        if (peek() == '\\' && (peek(1) == '"' || peek(1) == '\\' || peek(1) == '$' || peek(1) == '`')) ++at_;
        word_ += peek();
        ++at_;
      }
    }
    if (at_ >= text_.size()) fine_ = false;
    ++at_;
  }

  void escaped() {
    if (peek(1) == '\n') {
      at_ += 2;
      return;
    }
    word_ += peek(1);
    in_word_ = true;
    at_ += 2;
  }

  // As an argument it may be anything; as a program it may not.
  void variable() {
    if (peek(1) == '(' || (command_.words.empty() && !redirect_) || redirect_ == 'w') {
      fine_ = false;
      return;
    }
    const char next = peek(1);
    expands_ |= std::isalnum(static_cast<unsigned char>(next)) || std::string_view("_{'*@#?$!-").find(next) != std::string_view::npos;
    word_ += '$';
    in_word_ = true;
    ++at_;
  }

  void end_word() {
    if (!in_word_) return;
    in_word_ = false;
    std::string word = std::exchange(word_, {});
    braces_ = false;
    if (std::exchange(expands_, false)) command_.expanded.insert(word);
    if (const char redirect = std::exchange(redirect_, '\0')) {
      (redirect == 'w' ? command_.written : command_.read).push_back(std::move(word));
      return;
    }
    const auto equals = word.find('=');
    const bool assigns = command_.words.empty() && equals != word.npos && equals > 0 &&
                         std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (!assigns) return command_.words.push_back(std::move(word));
    fine_ &= !steers_programs(std::string_view(word).substr(0, equals));
  }

  void end_command(Then then = Then::next) {
    end_word();
    if (command_.words.empty() && command_.read.empty() && command_.written.empty()) return;
    command_.then = then;
    found_.push_back(std::exchange(command_, {}));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string word_;
  bool in_word_ = false, fine_ = true;
  bool expands_ = false, braces_ = false;  // of the word that is read
  char redirect_ = 0;
  ShellCommand command_;
  std::vector<ShellCommand> found_;
};

}  // namespace

std::optional<std::vector<ShellCommand>> shell_commands(std::string_view line) { return Reader(line).read(); }

bool steers_programs(std::string_view variable) {
  constexpr const char* kBeginnings[] = {"PATH", "HOME", "XDG_", "LD_", "DYLD_", "GIT_", "BASH_ENV", "ENV", "NODE_OPTIONS", "PYTHON", "PERL", "RUBY", "JAVA_TOOL", "EDITOR", "PAGER"};
  return std::any_of(std::begin(kBeginnings), std::end(kBeginnings), [&](const char* one) { return variable.starts_with(one); });
}

}  // namespace baton
