// The editor's death ends the session, also while its pipes stay open in another process.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/lsp/peer.h"

namespace baton {
namespace {

TEST(ParentWatch, DeathOfTheEditorEndsTheSession) {
  const pid_t editor = ::fork();
  if (editor == 0) {
    ::pause();
    ::_exit(0);
  }
  Peer peer;
  const nlohmann::json initialize = {
      {"jsonrpc", "2.0"}, {"id", 1}, {"method", "initialize"},
      {"params", {{"processId", editor}, {"rootUri", nullptr}, {"capabilities", nlohmann::json::object()}}}};
  ASSERT_TRUE(peer.write(frame(initialize.dump())));
  ASSERT_TRUE(peer.next().has_value());
  ::kill(editor, SIGKILL);
  ::waitpid(editor, nullptr, 0);
  EXPECT_EQ(peer.wait_for_exit(std::chrono::seconds(2)), 1);
}

TEST(Pressure, AnOutputThatNobodyReadsEndsTheSessionQuietly) {
  Peer peer;
  const std::string unknown = frame(R"({"jsonrpc":"2.0","id":1,"method":"nothing"})");
  peer.close_output();
  ASSERT_TRUE(peer.write(unknown));
  EXPECT_EQ(peer.wait_for_exit(std::chrono::seconds(2)), 1);
}

}  // namespace
}  // namespace baton
