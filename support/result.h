// Result<T>: a value or an Error that says what happened and what to do next. Failures of a day's work are values;
// exceptions are for bugs. Copyable when T is. Any thread.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace baton {

// What a caller can do about a failure, not where it came from.
enum class ErrorKind {
  usage,         // the request itself is wrong: exit code 2, InvalidParams
  precondition,  // the repository or machine is not in a state that allows it
  trust,         // the user has not said that this repository's tools may run: exit code 3
  missing_tool,  // a program that is needed is not there
  io,            // disk, permission, socket
  cancelled,     // the caller asked for it
  internal,      // a bug of ours
};

// `message` is one sentence a user can act on: what is wrong and what to do next. No trailing newline.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
};

struct Nothing {};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    assert(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<Nothing>;
inline Status done() { return Status(Nothing{}); }

}  // namespace baton
