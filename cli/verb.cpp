#include "cli/verb.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>

namespace baton {

Option& Option::type_name(const char* name) { return option_->type_name(name), *this; }
Option& Option::required() { return option_->required(), *this; }
Option& Option::among(const std::vector<std::string>& words) { return option_->check(CLI::IsMember(words)), *this; }
Option& Option::between(int least, int most) { return option_->check(CLI::Range(least, most)), *this; }
Option& Option::excludes(const Option& other) { return option_->excludes(other.option_), *this; }
Option& Option::show_default() { return option_->capture_default_str(), *this; }
Option& Option::given_again() { return option_->expected(1)->allow_extra_args(false)->take_all(), *this; }
Option& Option::not_empty(const std::string& advice) {
  option_->check(CLI::Validator([advice](std::string& text) { return text.empty() ? "it is empty; " + advice : ""; }, "", "not_empty"));
  return *this;
}

Verb::Verb(CLI::App& app, const char* name, const char* says) : app_(app.add_subcommand(name, says)) {}
Verb::Verb(Verb& above, const char* name, const char* says) : Verb(*above.app_, name, says) { above.app_->require_subcommand(1); }

Option Verb::flag(const char* name, bool& into, const char* says) { return Option(app_->add_flag(name, into, says)); }

template <class T>
Option Verb::option(const char* name, T& into, const char* says) {
  return Option(app_->add_option(name, into, says));
}
template Option Verb::option(const char*, std::string&, const char*);
template Option Verb::option(const char*, std::filesystem::path&, const char*);
template Option Verb::option(const char*, std::vector<std::string>&, const char*);
template Option Verb::option(const char*, int&, const char*);
template Option Verb::option(const char*, std::size_t&, const char*);

Option Verb::option_read_by(const char* name, std::function<std::string(const std::string&)> read, const char* says) {
  return Option(app_->add_option_function<std::string>(
      name,
      [name = std::string(name), read = std::move(read)](const std::string& text) {
        if (const std::string wrong = read(text); !wrong.empty()) throw CLI::ValidationError(name, wrong);
      },
      says));
}

void Verb::footer(const char* text) { app_->footer(text); }
void Verb::hide() { app_->group(""); }
void Verb::acts(std::function<void()> chosen) { app_->callback(std::move(chosen)); }
std::string Verb::name() const { return app_->get_name(); }

}  // namespace baton
