// A repository that this session works in: its engine, the threads that call it, and what is shown of its last verdict.
// Io thread, but for `engine`, which is called on `judge` and `look` only (`let_go` apart).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lsp/board.h"
#include "lsp/desk.h"
#include "lsp/lens_text.h"
#include "lsp/worker.h"

namespace baton {

struct LiveVerification;  // verifications.cpp

// A document of the repository as it is seen now.
struct LiveText {
  std::string path;  // relative to the root
  std::string uri;
  std::shared_ptr<const std::string> text;
  std::uint64_t change = 0;
  bool touched = false;  // changed since it was opened or saved
  bool stood = false;    // on the disk, at some time since it was opened
};

// A report as it is kept. What is asked of it again and again is worked out once, on a worker: it may tell of a hundred thousand tests
// and findings.
struct ToldReport {
  explicit ToldReport(VerifyReport report_);
  ToldReport(const ToldReport&) = delete;

  const VerifyReport report;
  const std::string sentence;  // the verdict and what it rests on
  const std::size_t fresh;     // new findings, as in Marks
  const std::size_t known;     // failures that were there before
  const TestIndex tests;
  std::map<TestStatus, std::size_t> counts;
};

struct Lane {
  Lane(Desk& desk, std::string root_, std::string spelled_, std::unique_ptr<Engine> engine_)
      : root(std::move(root_)), spelled(std::move(spelled_)), engine(std::move(engine_)), board(desk, *this) {}

  using Told = std::shared_ptr<const ToldReport>;

  std::string root;     // of the work tree, as git and the engine know it
  std::string spelled;  // the same folder as the client spells it
  std::unique_ptr<Engine> engine;
  Board board;
  std::shared_ptr<LiveVerification> running;
  std::deque<std::shared_ptr<LiveVerification>> waiting;
  std::optional<TrustSubject> asked;  // what the user was last asked to approve
  std::shared_ptr<LiveVerification> asked_last;              // for this one, which may have been given up since
  std::vector<std::shared_ptr<LiveVerification>> askers;     // that wait for it
  Told last;                                     // null: nothing was verified yet
  std::optional<std::vector<std::string>> part;  // the gates that it ran, where it is not about all
  std::vector<Told> told;  // all whose marks are on the board, the last one last
  std::map<std::string, std::uint64_t> judged;   // by path, the change of the document that it was about
  std::string base;                              // what it was asked to compare with; empty: HEAD
  bool show_known = false;                       // what was there before is shown, too
  bool removed = false;                          // its folders left the window: what still comes of it is not shown
  Worker look;   // short calls
  Worker judge;  // verifications

  void show(Told now, const Marking& marking);
  void remove();
  // One that was told, told anew; nothing where the board has gone on from it.
  void renew(const Told& was, Told now, const Marking& marking);
  void drop(std::vector<Told> gone);  // on a worker: to free a large one takes longer than the io thread may

  // The path of a document relative to the root; absent when it lies elsewhere.
  std::optional<std::string> relative(const std::string& path) const;
  std::string uri_of(const std::string& relative_path) const;
};

// The open documents of a repository that are in step; the paths of others go to `out_of_step`.
std::vector<LiveText> live_texts(const Desk& desk, const Lane& lane, std::vector<std::string>* out_of_step = nullptr);

}  // namespace baton
