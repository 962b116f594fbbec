// Threads that come and go, as connections do: those that have ended are joined when another starts, all of them are stopped and joined
// with the value. Thread-safe but for its end.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>

namespace baton {

class Crew {
 public:
  ~Crew() {
    for (Member& member : members_) member.thread.request_stop();
  }
  // False: `most` are at work already, and nothing was started.
  bool start(int most, std::function<void(std::stop_token)> work) {
    const std::lock_guard guard(mutex_);
    members_.remove_if([](const Member& member) { return member.ended.load(); });
    if (static_cast<int>(members_.size()) >= most) return false;
    Member& member = members_.emplace_back();
    member.thread = std::jthread([&member, work = std::move(work)](std::stop_token stop) {
      work(stop);
      member.ended = true;
    });
    return true;
  }

 private:
  struct Member {
    std::atomic<bool> ended = false;
    std::jthread thread;
  };
  std::mutex mutex_;
  std::list<Member> members_;
};

}  // namespace baton
