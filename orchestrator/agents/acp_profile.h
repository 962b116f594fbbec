// Agents that speak the Agent Client Protocol as data (acp_profiles.json): what starts them, which files and variables of the user's
// their login needs, how they are made to ask before they act. Nothing here runs an agent. Any thread; looks at files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.h"

namespace baton {

// Something that is there when the user is logged in: a file below HOME (that holds a word), or a variable.
struct LoginSign {
  std::string file, holds, environment;
};

// A way of `authenticate`, and what has to be there for it to succeed without a human.
struct LoginWay {
  std::string method;
  LoginSign sign;
};

// What is agreed with an agent of this protocol besides its command.
struct AcpTerms {
  std::string mode, model;         // to be set in the session; empty: as it comes
  std::vector<std::string> allow;  // commands that it may run unasked, by their first words; "*" for all
  Environment variables;           // set for it, whatever the user has
  Environment endpoint_variables;  // how it is told of an endpoint of ours: {url}, {key}, {model}
  std::vector<std::string> endpoint_arguments;
  std::vector<std::string> reads;  // files below HOME that it may read; AgentSpec::login may be written
  struct Further {
    std::vector<std::string> arguments;
    Environment variables;
  };
  Further isolated, plain;         // in our box, and without it
  bool never_asks = false;         // it cannot be made to ask, so it is used in a box alone
  std::vector<LoginSign> signs;    // any of them; empty: it is not known how to tell
  std::vector<LoginWay> ways;
  std::string login_command, login_key, keychain;
  bool files = false;              // it is offered fs/read_text_file and fs/write_text_file
};

struct AcpProfile {
  std::string name, title;
  std::string package;             // of npm, where it is one
  std::string install;             // the command that gets it
  std::string minimum;             // version
  std::string tool;                // the vendor's own program, which this one is an adapter of
  std::vector<std::string> needs;  // programs beside it
  std::vector<std::string> command, environment, login;
  AcpTerms terms;
};

const std::vector<AcpProfile>& acp_profiles();
const AcpProfile* find_acp_profile(std::string_view name);
std::string acp_profile_names();  // "claude-agent-acp, codex-acp, ..."

bool is_there(const LoginSign& sign, const Environment& client_env);
bool is_logged_in(const AcpTerms& terms, const Environment& client_env);
// "run `opencode auth login` in a terminal, or set OPENAI_API_KEY."
std::string how_to_log_in(const AcpTerms& terms);
std::string not_logged_in(const AcpTerms& terms, std::string_view who);  // in one sentence

// The program of a profile on the PATH. `version`: of its package, where that can be read; empty otherwise.
struct FoundProgram {
  std::string path, package, version;
};
std::optional<FoundProgram> find_acp_program(const AcpProfile& profile, const Environment& client_env);
bool is_older(std::string_view version, std::string_view than);

}  // namespace baton
