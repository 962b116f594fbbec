#include "cli/progress_line.h"

#include <re2/re2.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "cli/print.h"
#include "orchestrator/terminal_text.h"

namespace baton {
namespace {

using namespace std::chrono_literals;
constexpr auto kRedraw = 120ms;
constexpr std::array kFrames = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};

}  // namespace

ProgressLabel progress_label(const Progress& progress) {
  ProgressLabel label;
  // The time is ours to tell: a ", 12 s" at the end would stand still between two reports.
  static const RE2 kParts(R"((?s)(.*?)(?:, (\d+(?: of \d+)? tests?))?(?:, [\d.]+ s)?)");
  RE2::FullMatch(printable_text(progress.message), kParts, &label.what, &label.tests);
  if (label.what.empty()) label.what = progress.side.empty() ? progress.stage : progress.side + ": " + progress.stage;
  if (progress.total > 0) {
    label.what = "[" + std::to_string(progress.done) + "/" + std::to_string(progress.total) + "] " + label.what;
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

ProgressLine::ProgressLine(ProgressStyle style, std::chrono::milliseconds again) : style_(style), again_(again), began_(std::chrono::steady_clock::now()), said_(began_) {
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
  ProgressLabel label = progress_label(progress);
  const std::lock_guard lock(mutex_);
  const bool same = label.what == label_.what;
  label_ = std::move(label);
  if (same) return;
  began_ = said_ = std::chrono::steady_clock::now();
  if (style_ == ProgressStyle::plain) {
    std::fprintf(stderr, "%s\n", label_.what.c_str());
  } else {
    draw(began_);
  }
}

void ProgressLine::clear() {
  const std::lock_guard lock(mutex_);
  label_ = {};
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

void ProgressLine::tick(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, stop, kRedraw, [] { return false; }) && !stop.stop_requested()) {
    if (label_.what.empty()) continue;
    const auto now = std::chrono::steady_clock::now();
    if (style_ == ProgressStyle::live) {
      draw(now);
    } else if (now - said_ >= again_) {
      said_ = now;
      std::fprintf(stderr, "%s, %s%s so far\n", label_.what.c_str(), label_.tests.empty() ? "" : (label_.tests + ", ").c_str(), elapsed_text(now - began_).c_str());
    }
  }
}

void ProgressLine::draw(std::chrono::steady_clock::time_point now) {
  const std::string time = (label_.tests.empty() ? "" : "  " + label_.tests) + "  " + elapsed_text(now - began_);
  const int room = terminal_width(STDERR_FILENO) - 3 - static_cast<int>(time.size());
  std::string label = label_.what.substr(0, label_.what.find('\n'));
  label = shorten_end(label, room > 10 ? room : 10);
  std::fprintf(stderr, "\r\033[K%s %s%s", kFrames[frame_++ % kFrames.size()], label.c_str(), time.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace baton
