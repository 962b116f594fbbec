#include "cli/progress_line.h"

#include <unistd.h>

#include <array>
#include <cstdio>

#include "cli/print.h"
#include "orchestrator/terminal_text.h"

namespace baton {
namespace {

using namespace std::chrono_literals;
constexpr auto kRedraw = 120ms;
constexpr auto kSayAgain = 30s;  // plain lines: how long one wait may go unmentioned
constexpr std::array kFrames = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};

}  // namespace

std::string progress_label(const Progress& progress) {
  std::string label = printable_text(progress.message);
  // The time is ours to tell: a ", 12 s" at the end would stand still between two reports.
  const size_t comma = label.rfind(", ");
  if (comma != label.npos && label.ends_with(" s") &&
      label.find_first_not_of("0123456789. ", comma + 2) == label.size() - 1) {
    label.resize(comma);
  }
  if (label.empty()) label = progress.side.empty() ? progress.stage : progress.side + ": " + progress.stage;
  if (progress.total > 0) {
    label = "[" + std::to_string(progress.done) + "/" + std::to_string(progress.total) + "] " + label;
  }
  return label;
}

std::string elapsed_text(std::chrono::steady_clock::duration elapsed) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed).count();
  if (seconds < 60) return std::to_string(seconds) + " s";
  char text[32];
  std::snprintf(text, sizeof text, "%lld min %02lld s", static_cast<long long>(seconds / 60),
                static_cast<long long>(seconds % 60));
  return text;
}

ProgressLine::ProgressLine(ProgressStyle style) : style_(style), began_(std::chrono::steady_clock::now()), said_(began_) {
  if (style_ != ProgressStyle::none) ticker_ = std::jthread([this](std::stop_token stop) { tick(std::move(stop)); });
}

ProgressLine::~ProgressLine() {
  if (ticker_.joinable()) {
    ticker_.request_stop();
    ticker_.join();
  }
  clear();
}

void ProgressLine::show(const Progress& progress) {
  if (style_ == ProgressStyle::none) return;
  std::string label = progress_label(progress);
  const std::lock_guard lock(mutex_);
  if (label == label_) return;
  label_ = std::move(label);
  began_ = said_ = std::chrono::steady_clock::now();
  if (style_ == ProgressStyle::plain) {
    std::fprintf(stderr, "%s\n", label_.c_str());
  } else {
    draw(began_);
  }
}

void ProgressLine::clear() {
  const std::lock_guard lock(mutex_);
  label_.clear();
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

void ProgressLine::tick(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, stop, kRedraw, [] { return false; }) && !stop.stop_requested()) {
    if (label_.empty()) continue;
    const auto now = std::chrono::steady_clock::now();
    if (style_ == ProgressStyle::live) {
      draw(now);
    } else if (now - said_ >= kSayAgain) {
      said_ = now;
      std::fprintf(stderr, "%s, %s so far\n", label_.c_str(), elapsed_text(now - began_).c_str());
    }
  }
}

void ProgressLine::draw(std::chrono::steady_clock::time_point now) {
  const std::string time = "  " + elapsed_text(now - began_);
  const int room = terminal_width(STDERR_FILENO) - 3 - static_cast<int>(time.size());
  std::string label = label_.substr(0, label_.find('\n'));
  label = shorten_end(label, room > 10 ? room : 10);
  std::fprintf(stderr, "\r\033[K%s %s%s", kFrames[frame_++ % kFrames.size()], label.c_str(), time.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace baton
