#include "lsp/task_edits.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "lsp/lines.h"
#include "lsp/uri.h"
#include "orchestrator/intake.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::uint32_t kMaxLines = 400;     // of a selection that is looked at
constexpr std::size_t kMaxDiagnostics = 4;   // offered at one place
constexpr std::size_t kMaxTitle = 60;

std::string shortened(std::string text) {
  text = text.substr(0, text.find('\n'));
  if (text.size() <= kMaxTitle) return text;
  std::size_t end = kMaxTitle;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

const Document* open_document(const Desk& desk, const Lane& lane, const std::string& path) {
  const Document* document = desk.documents.find_path(lane.spelled + "/" + path);
  return document ? document : desk.documents.find_path(lane.root + "/" + path);
}

// The lines in which two texts differ: what is replaced of the first, and by what.
json line_edit(const std::string& before, const std::string& after) {
  const auto lines_of = [](const std::string& text) {
    std::vector<std::string_view> lines;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
      lines.push_back(std::string_view(text).substr(at, end - at));
      at = end;
    }
    return lines;
  };
  const auto old_lines = lines_of(before), new_lines = lines_of(after);
  std::size_t head = 0, tail = 0;
  const std::size_t least = std::min(old_lines.size(), new_lines.size());
  while (head < least && old_lines[head] == new_lines[head]) ++head;
  while (tail < least - head && old_lines[old_lines.size() - 1 - tail] == new_lines[new_lines.size() - 1 - tail]) ++tail;
  // A last line without an end has no line after it to end at.
  if (tail > 0 && !before.ends_with('\n')) tail = 0;
  std::string text;
  for (std::size_t i = head; i < new_lines.size() - tail; ++i) text += new_lines[i];
  const EditorLines lines(before);
  const auto place = [&](std::size_t line) { return Position{static_cast<std::uint32_t>(lines.first(static_cast<int>(line) + 1) - 1), 0}; };
  const Range range{place(head), place(old_lines.size() - tail)};
  return {{"range", to_json(range)}, {"newText", text}};
}

}  // namespace

std::string told_by(const Document& document, const Range& range) {
  std::string text;
  for (std::uint32_t line = range.start.line; line <= range.end.line && line < range.start.line + kMaxLines; ++line) {
    if (static_cast<int>(line) >= document.store.line_count()) break;
    const std::string here = document.store.line(static_cast<int>(line));
    if (auto todo = todo_task(here)) return *todo;
    if (line == range.end.line && range.end.character == 0 && range.end.line > range.start.line) break;
    text += here + "\n";
  }
  return text.find_first_not_of(" \t\r\n") == text.npos ? std::string() : text;
}

Result<json> workspace_edit(const Desk& desk, const Lane& lane, const json& edits) {
  json changes = json::array();
  const ClientProfile& profile = desk.client.profile();
  for (const json& edit : edits) {
    const std::string path = edit.value("path", "");
    if (edit.value("binary", false)) return Error{ErrorKind::precondition, path + " is no text; apply the task with `baton apply` in a terminal."};
    const bool created = edit["before"].is_null(), removed = edit["after"].is_null();
    const Document* document = open_document(desk, lane, path);
    const std::string uri = document ? document->uri : lane.uri_of(path);
    const std::string before = created ? "" : edit["before"].get<std::string>();
    // Of an open file its text in the editor counts, of another one what is on the disk.
    if (document ? !document->in_step || *document->text() != before : edit.value("moved_on", false)) {
      return Error{ErrorKind::precondition, path + " has changed since the task began; save it and apply the task with `baton apply`, which merges the two."};
    }
    if ((created || removed) && !profile.resource_ops) {
      return Error{ErrorKind::precondition, "This editor cannot make or remove files for a server (" + path + "); apply the task with `baton apply`."};
    }
    if (removed) {
      changes.push_back({{"kind", "delete"}, {"uri", uri}});
      continue;
    }
    if (created && !document) changes.push_back({{"kind", "create"}, {"uri", uri}, {"options", {{"ignoreIfExists", false}}}});
    json version = document ? json(document->version) : json(nullptr);
    changes.push_back({{"textDocument", {{"uri", uri}, {"version", std::move(version)}}}, {"edits", json::array({line_edit(before, edit["after"].get<std::string>())})}});
  }
  if (profile.document_changes) return json{{"documentChanges", std::move(changes)}};
  json by_uri = json::object();
  for (const json& change : changes) by_uri[change["textDocument"]["uri"].get<std::string>()] = change["edits"];
  return json{{"changes", std::move(by_uri)}};
}

TaskPlace worktree_of(const json& shown, const std::string& subtask) {
  TaskPlace place;
  std::error_code ignored;
  for (const json& attempt : shown.value("attempts", json::array())) {
    if (!subtask.empty() && attempt.value("subtask", "") != subtask) continue;
    const std::string folder = attempt.value("worktree", "");
    if (folder.empty()) continue;
    place = {folder, folder};
    const auto changes = attempt.value("changes", std::vector<std::string>());
    const auto there = std::find_if(changes.begin(), changes.end(), [&](const std::string& path) { return std::filesystem::is_regular_file(folder + "/" + path, ignored); });
    if (there != changes.end()) place.shown = folder + "/" + *there;
  }
  return place;
}

json TaskActions::action(const std::string& title, const char* command, json arguments, const json* about) const {
  json call = {{"title", title}, {"command", command}, {"arguments", json::array({std::move(arguments)})}};
  if (!profile_.action_literals) return call;
  json action = {{"title", title}, {"kind", "quickfix"}, {"command", std::move(call)}};
  if (about) action["diagnostics"] = json::array({*about});
  return action;
}

std::vector<json> TaskActions::from_places(const Document& document, const std::string& path, const Range& range) const {
  std::vector<json> all;
  const std::uint32_t last = std::min(range.end.line, range.start.line + kMaxLines);
  for (std::uint32_t line = range.start.line; line <= last && static_cast<int>(line) < document.store.line_count(); ++line) {
    const auto todo = todo_task(document.store.line(static_cast<int>(line)));
    if (!todo) continue;
    all.push_back(action("Do this task: " + shortened(*todo), "baton.startTask", {{"uri", uri_}, {"text", *todo}, {"range", to_json(Range{{line, 0}, {line, 0}})}}));
  }
  std::size_t offered = 0;
  for (const Json& given : given_) {
    if (!given->is_object() || given->value("source", json()) == "baton" || !given->contains("message") || !(*given)["message"].is_string()) continue;
    if (++offered > kMaxDiagnostics) break;
    const std::string message = (*given)["message"];
    const std::string source = given->contains("source") && (*given)["source"].is_string() ? (*given)["source"].get<std::string>() + ": " : "";
    const std::string place = path + ":" + std::to_string(range.start.line + 1);
    all.push_back(action("Have Baton fix: " + shortened(message), "baton.startTask",
                         {{"uri", uri_}, {"text", "Fix in " + place + ": " + source + message + "\n\nIt must not be reported there any more."}}, given.get()));
  }
  if (all.empty() && range.start != range.end) {
    all.push_back(action("Start a task from the selection", "baton.startTask", {{"uri", uri_}, {"range", to_json(range)}}));
  }
  return all;
}

std::vector<json> TaskActions::about(const std::string& task, const std::string& title, const std::string& state, const std::string& wait,
                                     const std::vector<std::string>& choices) const {
  std::vector<json> all;
  const std::string name = ": " + shortened(title);
  const auto can = [&](const char* choice) { return std::find(choices.begin(), choices.end(), choice) != choices.end(); };
  const auto add = [&](const char* what, const char* command, json arguments) {
    arguments["task"] = task;
    arguments["uri"] = uri_;
    all.push_back(action(what + name, command, std::move(arguments)));
  };
  if (state == "planned") {
    add("Run the plan", "baton.approvePlan", json::object());
    add("Show the plan", "baton.showPlan", json::object());
  } else if (state == "verified") {
    add("Make the branch", "baton.answer", {{"choice", "land"}});
    add("Create a pull request", "baton.createPullRequest", json::object());
    add("Apply to the workspace", "baton.applyToWorkspace", json::object());
  } else if (wait == "criteria") {
    add("Wave the criteria through", "baton.acceptTask", json::object());
    add("Send back", "baton.retryTask", json::object());
  } else if (state == "escalated_to_human") {
    if (can("text")) add("Answer with what is typed", "baton.answer", {{"choice", "text"}});
    if (can("retry")) add("Try again", "baton.retryTask", json::object());
    if (can("accept")) add("Accept in spite of the failure", "baton.acceptTask", json::object());
    if (can("hand-in")) {
      add("Open the work tree to take over", "baton.openWorktree", json::object());
      add("Hand in what the work tree holds", "baton.answer", {{"choice", "hand-in"}});
    }
    if (can("give-up")) add("Let it go", "baton.answer", {{"choice", "give-up"}});
  }
  add("Open the evidence", "baton.openEvidence", json::object());
  add("Cancel the task", "baton.cancelTask", json::object());
  return all;
}

}  // namespace baton
