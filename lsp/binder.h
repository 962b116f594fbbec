// From a method's name and its JSON to a member function with typed parameters. Parameters that do not parse answer
// InvalidParams with the JSON path, here and nowhere else. Io thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "lsp/protocol.h"
#include "lsp/reply.h"

namespace baton {

class Binder {
 public:
  template <class Params, class Owner>
  void request(std::string_view method, Owner* owner, void (Owner::*handler)(Params, Reply)) {
    add_request(method, [owner, handler](const Reader& reader, const std::string& error, Reply& reply) {
      Params params;
      read(reader, params);
      if (error.empty()) (owner->*handler)(std::move(params), std::move(reply));
    });
  }

  template <class Params, class Owner>
  void notification(std::string_view method, Owner* owner, void (Owner::*handler)(Params)) {
    add_notification(method, [owner, handler](const Reader& reader, const std::string& error) {
      Params params;
      read(reader, params);
      if (error.empty()) (owner->*handler)(std::move(params));
    });
  }

  // A command takes one object as its argument; none is an empty one.
  template <class Params, class Owner>
  void command(std::string_view name, Owner* owner, void (Owner::*handler)(Params, std::string progress_token, Reply)) {
    add_command(name, [owner, handler](const Reader& reader, const std::string& error, std::string token, Reply& reply) {
      Params params;
      read(reader, params);
      if (error.empty()) (owner->*handler)(std::move(params), std::move(token), std::move(reply));
    });
  }

  void dispatch(const Request& request, Reply reply) const;
  // What was wrong with its parameters; empty when nothing was, or when nobody listens to it.
  std::string dispatch(const Notification& notification) const;
  void dispatch(const ExecuteCommandParams& command, Reply reply) const;

 private:
  using OnRequest = std::function<void(const Reader&, const std::string& error, Reply&)>;
  using OnNotification = std::function<void(const Reader&, const std::string& error)>;
  using OnCommand = std::function<void(const Reader&, const std::string& error, std::string token, Reply&)>;
  void add_request(std::string_view method, OnRequest handler);
  void add_notification(std::string_view method, OnNotification handler);
  void add_command(std::string_view name, OnCommand handler);

  std::map<std::string, OnRequest, std::less<>> requests_;
  std::map<std::string, OnNotification, std::less<>> notifications_;
  std::map<std::string, OnCommand, std::less<>> commands_;
};

}  // namespace baton
