#include "lsp/work_done.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace baton {
namespace {

using nlohmann::json;

TEST(WorkDone, APercentageNeverGoesDown) {
  std::string said;
  Client client([&](std::string text, std::string) {
    const json value = json::parse(text)["params"]["value"];
    said += value["kind"].get<std::string>() + " " + (value.contains("percentage") ? value["percentage"].dump() : "-") + ", ";
  });
  const auto work = WorkDone::start(client, "7", "Baton: verify", "begun", true, [] {});
  for (const auto percentage : {std::optional(0), std::optional(80), std::optional(0), std::optional<int>(), std::optional(50), std::optional(90)}) work->report("on", percentage);
  work->end("done");
  EXPECT_EQ(said, "begin 0, report 0, report 80, report 80, report -, report 80, report 90, end -, ");
}

}  // namespace
}  // namespace baton
