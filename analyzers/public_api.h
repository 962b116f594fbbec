// What a file offers to others by its syntax: Python names without an underscore (those of `__all__` where there is
// one), exports of JavaScript and TypeScript, Go's capitals, Rust's `pub`, Java's `public`, and the declarations of C
// and C++ headers. Tests, private modules and programs offer nothing. Pure; any thread. Files over 1 MB and parses over
// 250 ms give nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct ApiDeclaration {
  std::string name;  // qualified: "Shop.buy", "shop::buy"; an overloaded one comes once for each form
  std::string form;  // what stands before the body, spaces and comments evened out: "def buy(self, count=1)"
  bool operator==(const ApiDeclaration&) const = default;
};
std::vector<ApiDeclaration> public_api(std::string_view path, std::string_view text);

struct ApiChange {
  std::string name;
  std::string before, after;  // forms; after is empty where it is gone
};
// What is gone or declared otherwise in `now`, in the order of `was`; what is new is no risk to anybody.
std::vector<ApiChange> api_changes(const std::vector<ApiDeclaration>& was, const std::vector<ApiDeclaration>& now);

}  // namespace baton
