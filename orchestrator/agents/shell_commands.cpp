#include "orchestrator/agents/shell_commands.h"

#include <algorithm>
#include <cctype>

namespace baton {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<ShellCommands> read() {
    while (at_ < text_.size() && fine_) step();
    end_word();
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
      case '\n': case ';': ++at_; end_word(); return end_command();
      case '|': at_ += peek(1) == '|' || peek(1) == '&' ? 2 : 1; end_word(); return end_command();
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
      default: break;
    }
    word_ += c;
    in_word_ = true;
    ++at_;
  }

  void comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  void ampersand() {
    if (peek(1) == '&') {
      at_ += 2;
    } else if (peek(1) == '>') {  // both streams
      ++at_;
      end_word();
      return redirection();
    } else {
      fine_ = false;  // what goes on in the background is nobody's to follow
      return;
    }
    end_word();
    end_command();
  }

  void redirection() {
    const bool from = peek() == '<';
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
    if (peek(1) == '(' || (words_.empty() && !redirect_) || redirect_ == 'w') {
      fine_ = false;
      return;
    }
    word_ += '$';
    in_word_ = true;
    ++at_;
  }

  void end_word() {
    if (!in_word_) return;
    in_word_ = false;
    std::string word = std::move(word_);
    word_.clear();
    if (redirect_) {
      if (redirect_ == 'w') found_.written.push_back(std::move(word));
      redirect_ = 0;
      return;
    }
    const auto equals = word.find('=');
    const bool assigns = words_.empty() && equals != word.npos && equals > 0 &&
                         std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (assigns) {
      // What is found, loaded or run by a program can be set by these.
      const std::string name = word.substr(0, equals);
      for (const char* loaded : {"PATH", "LD_", "DYLD_", "GIT_", "BASH_ENV", "ENV", "NODE_OPTIONS", "PYTHON", "PERL", "RUBY", "JAVA_TOOL", "EDITOR", "PAGER"}) {
        if (name.starts_with(loaded)) fine_ = false;
      }
      return;
    }
    words_.push_back(std::move(word));
  }

  void end_command() {
    if (!words_.empty()) found_.commands.push_back(std::move(words_));
    words_.clear();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string word_;
  bool in_word_ = false, fine_ = true;
  char redirect_ = 0;
  std::vector<std::string> words_;
  ShellCommands found_;
};

}  // namespace

std::optional<ShellCommands> shell_commands(std::string_view line) { return Reader(line).read(); }

}  // namespace baton
