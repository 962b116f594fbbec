#include "lsp/verification.h"

#include <algorithm>
#include <map>
#include <set>

#include "git/git_command.h"
#include "lsp/evidence_page.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/log.h"
#include "support/places.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPageName = "evidence.md";
constexpr std::uint64_t kMostOnDisk = 64u << 20;
constexpr std::size_t kMostGone = 500;  // documents without a file that git is asked about at a time
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

std::string text_in(Engine& engine, const std::string& tree, const std::string& path) {
  if (tree.empty()) return {};
  const auto text = engine.file_at(tree, path);
  return text && *text ? **text : std::string();
}

// A mark belongs to a file of the tree only when its path lies there, on the side that it is about.
bool has_place(const Mark& mark) { return !mark.path.empty() && !mark.path.starts_with('/') && !mark.path.starts_with("../"); }

Marked page_marks(const std::string& id, const std::string& page, const std::string& text, std::vector<Mark> marks) {
  auto file = std::make_shared<MarkedFile>();
  file->verification = id;
  file->path = page;
  file->head = text;
  for (Mark& mark : marks) {
    std::vector<std::string> needles = needles_of(mark.test, mark.message);
    needles.insert(needles.begin(), mark.test);
    needles.push_back(mark.gate);
    mark.side = MarkSide::head;
    mark.line = line_about(text, needles);
    mark.column = mark.end_line = mark.end_column = 0;
  }
  file->marks = std::move(marks);
  return file;
}

Marking marking_of(Engine& engine, const VerifyReport& report, Marks marks, const std::string& page, const std::string& text) {
  std::map<std::string, std::vector<Mark>> by_path;
  std::vector<Mark> homeless;
  for (Mark& mark : marks.marks) {
    if (has_place(mark)) by_path[mark.path].push_back(std::move(mark));
    else homeless.push_back(std::move(mark));
  }
  Marking marking;
  for (auto& [path, file_marks] : by_path) {
    auto file = std::make_shared<MarkedFile>();
    file->verification = report.id;
    file->path = path;
    file->base = text_in(engine, report.base.tree, path);
    file->head = text_in(engine, report.head.tree, path);
    if (file->head.empty()) {  // the file is gone
      homeless.insert(homeless.end(), std::make_move_iterator(file_marks.begin()), std::make_move_iterator(file_marks.end()));
      continue;
    }
    file->marks = std::move(file_marks);
    marking.files.push_back(std::move(file));
  }
  if (!homeless.empty() && !page.empty()) marking.files.push_back(page_marks(report.id, page, text, std::move(homeless)));
  return marking;
}

// What a gate needs is run with it, and what a failed need blocks is not.
std::vector<std::string> gates_run(const VerifyReport& report) {
  std::vector<std::string> gates;
  for (const GateReport& gate : report.gates) {
    if (gate.head) gates.push_back(gate.name);
  }
  return gates;
}

std::vector<fs::path> page_folders(const Engine& engine, const Environment& env) {
  const Repository& repository = engine.repository();
  return {repository.baton_dir() / "tasks",
          cache_home(env) / "pages" / sha256(repository.common_dir.string()).substr(0, 24)};
}

// Folders are named by ids, which sort by time. One that holds more than a page is not ours to drop.
void drop_old_pages(const fs::path& folder) {
  std::vector<fs::path> pages;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) pages.push_back(entry.path());
  if (pages.size() <= kMaxPages) return;
  std::sort(pages.begin(), pages.end());
  pages.resize(pages.size() - kMaxPages);
  for (const fs::path& page : pages) {
    const auto inside = std::distance(fs::directory_iterator(page, error), fs::directory_iterator());
    if (inside == 1 && fs::remove(page / kPageName, error)) fs::remove(page, error);
  }
}

// A document whose file is not there and that holds no change: it is new, or the file was removed under the editor. The base says which,
// also to a session that took over from one that died.
bool is_left_over(const LiveText& document, const std::set<std::string>& committed) {
  const bool empty = document.text->find_first_not_of("\r\n") == std::string::npos;  // a name that nothing was typed under
  return !document.touched && (empty || document.stood || committed.contains(document.path));
}

// Which of these paths HEAD has. From git's trees alone: nothing of the repository runs.
std::set<std::string> in_head(const std::string& root, const std::vector<std::string>& paths) {
  std::set<std::string> found;
  if (paths.empty()) return found;
  GitCall call;
  call.cwd = root;
  call.args = {"ls-tree", "-z", "--name-only", "HEAD", "--"};
  call.args.insert(call.args.end(), paths.begin(), paths.end());
  call.timeout = std::chrono::seconds(5);
  const auto listed = git_output(call);
  if (!listed) return found;  // no commit yet
  for (std::string_view rest = *listed; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    found.emplace(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return found;
}

std::set<std::string> committed_of(const std::string& root, const std::vector<LiveText>& live) {
  std::vector<std::string> gone;
  std::error_code error;
  for (const LiveText& document : live) {
    if (!document.touched && !document.stood && gone.size() < kMostGone && !fs::exists(fs::path(root) / document.path, error)) gone.push_back(document.path);
  }
  return in_head(root, gone);
}

}  // namespace

Overlay unsaved_text(const std::string& root, const std::vector<LiveText>& live, std::vector<std::string>& notes) {
  Overlay unsaved;
  const std::set<std::string> committed = committed_of(root, live);
  for (const LiveText& document : live) {
    if (document.path.starts_with(".git/")) continue;  // a message that is written, a page of ours
    const fs::path file = fs::path(root) / document.path;
    std::error_code error;
    const bool there = fs::is_regular_file(file, error);
    if (!there) {
      if (is_left_over(document, committed) || fs::is_directory(file, error)) continue;
      unsaved.emplace(document.path, *document.text);
      continue;
    }
    const auto disk = read_file(file, kMostOnDisk);
    if (!disk) {
      notes.push_back(document.path + " is judged as saved: " + disk.error().message);
      continue;
    }
    std::string_view saved = *disk;
    const bool marked = saved.starts_with(kByteOrderMark) && !document.text->starts_with(kByteOrderMark);
    if (marked) saved.remove_prefix(kByteOrderMark.size());
    if (saved == *document.text) continue;
    if (is_utf8(saved)) {
      unsaved.emplace(document.path, (marked ? std::string(kByteOrderMark) : std::string()) + *document.text);
    } else if (document.touched) {
      notes.push_back(document.path + " is judged as saved, since it is not UTF-8: save it to have its changes judged.");
    }
  }
  return unsaved;
}

Result<std::string> write_page(const Engine& engine, const std::string& verification, const std::string& text, const Environment& env) {
  Error problem;
  for (const fs::path& folder : page_folders(engine, env)) {
    const fs::path page = folder / verification / kPageName;
    if (const Status made = make_folder(page.parent_path()); !made) {
      problem = made.error();
    } else if (const Status written = write_file(page, text); !written) {
      problem = written.error();
    } else {
      drop_old_pages(folder);
      return page.string();
    }
  }
  return problem;
}

std::optional<std::string> find_page(const Engine& engine, const std::string& verification, const Environment& env) {
  if (verification.empty()) return std::nullopt;
  for (const fs::path& folder : page_folders(engine, env)) {
    const fs::path page = folder / fs::path(verification).filename() / kPageName;
    std::error_code error;
    if (fs::is_regular_file(page, error)) return page.string();
  }
  return std::nullopt;
}

JudgedResult presented(Engine& engine, VerifyReport report, bool whole, const Environment& env, bool known) {
  JudgedResult result;
  result.told = std::make_shared<const ToldReport>(std::move(report));
  const VerifyReport& kept = result.told->report;
  const std::string text = evidence_page(kept);
  const auto page = write_page(engine, kept.id, text, env);
  if (page) result.page = *page;
  else log(LogLevel::warning, page.error().message);
  Marks marks = marks_of(kept, known);
  result.left_out = marks.left_out;
  result.marking = marking_of(engine, kept, std::move(marks), result.page, text);
  result.marking.verification = kept.id;
  result.marking.whole = whole;
  result.marking.gates = gates_run(kept);
  return result;
}

Result<JudgedResult> judge(Engine& engine, const std::string& root, Judging judging, const ProgressSink& progress,
                           std::stop_token stop) {
  std::vector<std::string> notes;
  VerifyRequest& request = judging.request;
  if (request.head.empty()) request.unsaved = unsaved_text(root, judging.live, notes);
  auto report = engine.verify(request, progress, stop);
  if (!report) return report.error();
  const bool whole = !request.quick && request.gates.empty();
  JudgedResult result = presented(engine, std::move(*report), whole, request.client_env, judging.known);
  result.notes = std::move(notes);
  return result;
}

}  // namespace baton
