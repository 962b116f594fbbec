// The commands that judge: verify, cancel, and the question of trust before them. One verification of a repository runs
// at a time, the others wait their turn. Io thread; the judging itself is on the repository's worker.
#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "lsp/lanes.h"
#include "lsp/protocol.h"
#include "lsp/reply.h"
#include "lsp/verification.h"

namespace baton {

class Verifications {
 public:
  Verifications(Desk& desk, Lanes& lanes) : desk_(desk), lanes_(lanes) {}

  void verify(VerifyArguments arguments, std::string progress_token, Reply reply);
  void cancel(PlaceArguments arguments, std::string progress_token, Reply reply);
  // A quick verdict a moment after a save, of the last of several saves, when no other verification runs or waits.
  void after_save(const std::string& uri);
  void trust(TrustArguments arguments, std::string progress_token, Reply reply);
  // The session ends: nobody is waited for, and what an engine of its own process does goes on.
  void leave();
  // Shows what was judged while no window was open.
  void catch_up(Lane& lane);

 private:
  using Ptr = std::shared_ptr<LiveVerification>;

  void start_saved(Lane& lane);
  void enqueue(Lane& lane, const Ptr& run);
  void start(const Ptr& run);
  void tick(const Ptr& run);
  void progressed(const Ptr& run, const Progress& progress);
  void provisional(const Ptr& run, std::shared_ptr<const VerifyReport> report);
  void ended(const Ptr& run, Result<JudgedResult> result);
  void judged(const Ptr& run, const JudgedResult& result);
  void show(Lane& lane, const JudgedResult& result, std::string sentence, const LiveVerification* run);
  void next(Lane& lane);
  void stop(const Ptr& run);
  void left(const Ptr& run);
  void fail(const Ptr& run, const Error& error);
  void ask(const Ptr& run);
  void asked(const Ptr& run, const TrustSubject& subject);
  void approved(const Ptr& run, const TrustSubject& subject);
  bool go_on(Lane& lane, const std::string& digest);
  // On the worker.
  Result<TrustSubject> approve(Lane& lane, const std::optional<TrustSubject>& shown, const VerifyRequest& request,
                               const std::string& digest);
  VerifyRequest request_of(const LiveVerification& run) const;

  Desk& desk_;
  Lanes& lanes_;
  std::map<std::string, std::string> saved_;  // by the root of the repository: the document that was saved last
  std::stop_source ending_;
};

}  // namespace baton
