#include "lsp/uri.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

void check_path(std::string_view uri, std::optional<std::string> expected) {
  EXPECT_EQ(path_of_uri(uri), expected) << uri;
}

TEST(Uri, Paths) {
  check_path("file:///a/b.cpp", "/a/b.cpp");
  check_path("FILE:///a/b.cpp", "/a/b.cpp");
  check_path("file://localhost/a", "/a");
  check_path("file:/a", "/a");
  check_path("file:///a%20b/%C3%A4", "/a b/\xc3\xa4");
  check_path("file:///a%2Fb", "/a/b");
  check_path("file:///100%", "/100%");
  check_path("file:///a%zz", "/a%zz");
  check_path("file:///a/./b/../c", "/a/c");
  check_path("file:///a/", "/a");
  check_path("file:///", "/");
  check_path("file:///C%3A/x", "/c:/x");
  check_path("file:///c:/x", "/c:/x");
  check_path("file:///a#line", "/a");
  check_path("file://host/share", std::nullopt);
  check_path("file:///a%00b", std::nullopt);
  check_path("untitled:Untitled-1", std::nullopt);
  check_path("git:/a/b?ref=HEAD", std::nullopt);
  check_path("/a/b", std::nullopt);
  check_path("", std::nullopt);
  check_path(":", std::nullopt);
}

TEST(Uri, RoundTrip) {
  for (const std::string_view path : {"/a b/c.cpp", "/\xc3\xa4/#1?", "/100%", "/"}) {
    EXPECT_EQ(path_of_uri(uri_of_path(path)), std::string(path));
  }
}

TEST(Uri, NormalForm) {
  EXPECT_EQ(normal_uri("file:///a%2Db"), normal_uri("file:///a-b"));
  EXPECT_EQ(normal_uri("file:///C:/x"), normal_uri("file:///c%3a/x"));
  EXPECT_NE(normal_uri("untitled:a"), normal_uri("untitled:b"));
}

TEST(Uri, PathBelow) {
  EXPECT_EQ(path_below("/a/b/c", "/a"), "b/c");
  EXPECT_EQ(path_below("/a", "/a"), "");
  EXPECT_EQ(path_below("/x", "/"), "x");
  EXPECT_EQ(path_below("/ab", "/a"), std::nullopt);
}

}  // namespace
}  // namespace baton
