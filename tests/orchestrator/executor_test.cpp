#include "orchestrator/executor.h"

#include <gtest/gtest.h>

#include "support/files.h"

namespace baton {
namespace {

class ExecutorTest : public testing::Test {
 protected:
  ExecutorTest() : folder_(*TemporaryFolder::make("/tmp", "baton-executor-")) {}

  Job job(const std::string& id, const std::string& script) const {
    Job job;
    job.id = id;
    job.label = id;
    job.rung = SandboxRung::plain;
    job.process.argv = {"sh", "-c", script};
    job.process.cwd = folder_.path();
    job.process.env = {{"PATH", "/usr/bin:/bin"}};
    job.sandbox.home = folder_.path();
    return job;
  }
  TemporaryFolder folder_;
};

TEST_F(ExecutorTest, AJobRunsOncePerId) {
  const auto executor = local_executor(2);
  const Job twice = job("same", "echo x >> ran");
  const auto first = executor->submit(twice, {}), second = executor->submit(twice, {});
  ASSERT_TRUE(first.get().ok());
  ASSERT_TRUE(second.get().ok());
  ASSERT_TRUE(executor->submit(twice, {}).get().ok());
  EXPECT_EQ(*read_file(folder_.path() / "ran"), "x\n");
  EXPECT_EQ(first.get()->process.exit_code, 0);
  EXPECT_EQ(first.get()->rung, SandboxRung::plain);
}

TEST_F(ExecutorTest, StoppingReachesWhatRunsAndWhatWaits) {
  const auto executor = local_executor(1);
  std::stop_source stop;
  const auto running = executor->submit(job("running", "touch up; exec sleep 60"), stop.get_token());
  const auto waiting = executor->submit(job("waiting", "touch never"), stop.get_token());
  while (!std::filesystem::exists(folder_.path() / "up")) std::this_thread::yield();
  stop.request_stop();
  ASSERT_TRUE(running.get().ok());
  EXPECT_TRUE(running.get()->process.cancelled);
  ASSERT_FALSE(waiting.get().ok());
  EXPECT_EQ(waiting.get().error().kind, ErrorKind::cancelled);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "never"));
}

TEST_F(ExecutorTest, ItsEndAnswersEveryJob) {
  auto executor = local_executor(1);
  const auto running = executor->submit(job("running", "touch up; exec sleep 60"), {});
  const auto waiting = executor->submit(job("waiting", "true"), {});
  while (!std::filesystem::exists(folder_.path() / "up")) std::this_thread::yield();
  executor.reset();
  EXPECT_TRUE(running.get().ok() && running.get()->process.cancelled);
  EXPECT_FALSE(waiting.get().ok());
}

}  // namespace
}  // namespace baton
