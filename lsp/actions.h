// Code actions in the shape that the client understands: each is a command, given at once, with a title that says what it does.
// A value for one request; io thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "lsp/client_profile.h"
#include "lsp/mark.h"
#include "lsp/message.h"

namespace baton {

// What most failures are accepted for; another reason can be given with the command.
inline constexpr std::string_view kReasons[] = {"to be mended later", "the test is out of date", "not caused by this change"};

// What a command has to be told of a mark to find what it is about.
nlohmann::json named_by(const std::string& verification, const Mark& mark);

class ActionMaker {
 public:
  static constexpr std::size_t kMax = 8;  // pieces of evidence offered for one place

  // `uri`: the document asked about; `given`: the diagnostics that the client sent along.
  ActionMaker(const ClientProfile& profile, std::string uri, const std::vector<Json>& given)
      : profile_(profile), uri_(std::move(uri)), given_(given) {}

  nlohmann::json open_evidence(const std::string& verification, const Mark& mark) const;
  // To accept it as known, or no longer; each of the reasons in its own where the user cannot be asked for one.
  std::vector<nlohmann::json> accept(const std::string& verification, const Mark& mark, bool asks) const;
  nlohmann::json run_gate(const std::string& gate) const;
  nlohmann::json verify() const;
  nlohmann::json trust(const std::string& digest) const;
  nlohmann::json cancel() const;
  // About the document and not about something wrong in it.
  nlohmann::json source(const std::string& title, const char* command, nlohmann::json arguments) const;

 private:
  nlohmann::json action(const std::string& title, const char* command, nlohmann::json arguments, const std::string& message) const;

  const ClientProfile& profile_;
  std::string uri_;
  const std::vector<Json>& given_;
};

}  // namespace baton
