#include "support/fault_point.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string>

namespace baton {
namespace {

class Faults {
 public:
  Faults() {
    if (const char* fault = std::getenv("BATON_FAULT")) wanted_ = fault;
    if (const char* file = std::getenv("BATON_FAULT_LOG")) log_ = ::open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (const auto mark = wanted_.find('#'); mark != wanted_.npos) {
      count_ = std::atoi(wanted_.c_str() + mark + 1);
      wanted_.resize(mark);
    }
  }

  void reach(std::string_view name) {
    if (wanted_.empty() && log_ < 0) return;
    const std::lock_guard guard(mutex_);
    if (log_ >= 0) {
      const std::string line = std::string(name) + "\n";
      [[maybe_unused]] const auto written = ::write(log_, line.data(), line.size());
    }
    if (name == wanted_ && ++reached_ == count_) ::kill(::getpid(), SIGKILL);
  }

 private:
  std::mutex mutex_;
  std::string wanted_;
  int count_ = 1, reached_ = 0, log_ = -1;
};

}  // namespace

void fault_point(std::string_view name) {
  static Faults faults;
  faults.reach(name);
}

}  // namespace baton
