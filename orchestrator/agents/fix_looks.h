// What a tool said of a commit, asked once: kept beside the journal by tree, tool, wish and toolchain, so that the attempts of a plan
// and the judging of its criteria do not run it again. Blocks.
#pragma once

#include <memory>
#include <stop_token>

#include "orchestrator/agents/fix_tools.h"

namespace baton {

class FixLooks {
 public:
  FixLooks(const AttemptParts& parts, const FixWish& wish, std::string commit, const Environment& client_env, ProgressTicker& progress, std::stop_token stop);
  ~FixLooks();  // the checkout goes away
  FixLooks(const FixLooks&) = delete;
  FixLooks& operator=(const FixLooks&) = delete;

  // The tools that the wish is about, on this commit.
  Result<std::vector<const FixTool*>> tools();
  // Only findings that the wish speaks of. `fresh`: the tool runs, whatever was kept.
  Result<FixLook> look(const FixTool& tool, bool fresh = false);
  const FileSource* files();  // of the commit; null: it cannot be read

 private:
  struct Bench;
  Result<Bench*> bench();
  std::filesystem::path place_of(const FixTool& tool, const Workbench& bench) const;

  const AttemptParts& parts_;
  const FixWish wish_;
  const std::string commit_;
  const Environment& client_env_;
  ProgressTicker& progress_;
  std::stop_token stop_;
  std::unique_ptr<Bench> bench_;
};

}  // namespace baton
