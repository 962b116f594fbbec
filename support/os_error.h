// An Error from errno: "cannot <action> <path>: <reason>". Kind io. Any thread.
#pragma once

#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "support/result.h"

namespace baton {

inline Error os_error(std::string_view action, const std::filesystem::path& path, int code) {
  std::string message = "Cannot ";
  message += action;
  if (!path.empty()) message += " " + path.string();
  message += ": " + std::generic_category().message(code);
  if (code == ENOSPC || code == EDQUOT) message += "; free some space and try again";
  return Error{ErrorKind::io, message + "."};
}

}  // namespace baton
