// How a verb says its options and arguments. CLI11 is behind it and compiled in few sources: each that includes it takes ten
// seconds longer to build. An Option and a Verb are handles into the application, valid as long as it. Main thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace baton {

class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}
  Option& type_name(const char* name);
  Option& required();
  Option& among(const std::vector<std::string>& words);
  Option& between(int least, int most);
  Option& excludes(const Option& other);
  Option& not_empty(const std::string& advice);  // "it is empty; <advice>" where it is given as ""
  Option& given_again();                         // one word a time, as often as wanted
  Option& show_default();

 private:
  CLI::Option* option_;
};

class Verb {
 public:
  Verb(CLI::App& app, const char* name, const char* says);
  Verb(Verb& above, const char* name, const char* says);  // below another verb, which must be followed by one

  // What is written to lives as long as the application. A name without dashes is an argument by its place.
  Option flag(const char* name, bool& into, const char* says);
  template <class T>
  Option option(const char* name, T& into, const char* says = "");
  // `read` answers what is wrong with the text, "" where nothing is.
  Option option_read_by(const char* name, std::function<std::string(const std::string&)> read, const char* says);

  void footer(const char* text);
  void hide();
  void acts(std::function<void()> chosen);
  std::string name() const;

 private:
  CLI::App* app_;
};

}  // namespace baton
