#include "cli/task_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/report_text.h"
#include "orchestrator/terminal_text.h"

namespace baton {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? printable_text(found->get<std::string>()) : std::string();
}

std::string short_id(const std::string& id) { return id.size() > 8 ? id.substr(id.size() - 8) : id; }

std::string phase_of(const json& task) {
  std::string phase = text_of(task, "state");
  std::replace(phase.begin(), phase.end(), '_', ' ');
  const std::string wait = text_of(task, "wait");
  return wait.empty() || wait == "none" ? phase : phase + ", waits for " + wait;
}

std::string plan_lines(const json& event) {
  const json& plan = event["plan"];
  std::string text = "Plan (" + text_of(plan, "workflow") + ", " + text_of(plan, "pattern") + "): " + text_of(plan, "reason") + "\n";
  for (const json& criterion : plan.value("criteria", json::array())) text += "  [" + text_of(criterion, "id") + "] " + text_of(criterion, "text") + "\n";
  const json agents = event.value("agents", json::object());
  std::size_t shown = 0;
  const json subtasks = plan.value("subtasks", json::array());
  for (const json& part : subtasks) {
    if (++shown > 30) break;
    const std::string agent = text_of(agents, text_of(part, "id").c_str());
    text += "  " + text_of(part, "id") + "  " + text_of(part, "title") + (agent.empty() ? "" : "  (" + agent + ")") + "\n";
  }
  const json warnings = event.value("budget", json::object()).value("warnings", json::array());
  for (const json& warning : warnings) {
    if (warning.is_string()) text += "  Budget: " + printable_text(warning.get<std::string>()) + "\n";
  }
  if (subtasks.size() > 30) text += "  and " + std::to_string(subtasks.size() - 30) + " more\n";
  text.pop_back();
  return text;
}

std::string lines_of(const json& object, const char* name, const char* heading) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array() || found->empty()) return {};
  std::string text = std::string(heading) + "\n";
  for (const json& line : *found) {
    if (line.is_string()) text += "  " + printable_text(line.get<std::string>()) + "\n";
  }
  return text;
}

std::string escalation_lines(const json& escalation) {
  std::string text = text_of(escalation, "message") + "\n";
  if (const std::string question = text_of(escalation, "question"); !question.empty()) text += "  " + question + "\n";
  text += lines_of(escalation, "attempts", "Attempts:") + lines_of(escalation, "evidence", "Evidence:") + lines_of(escalation, "next_steps", "Next:");
  text.pop_back();
  return text;
}

// What would be pushed and sent, request by request.
std::string dry_run_text(const json& dry) {
  std::string text;
  if (const json push = dry.value("push", json()); push.is_object()) {
    text += (push.value("needed", true) ? "git push " : "Already pushed: ") + text_of(push, "remote") + " " + text_of(push, "commit") + ":" + text_of(push, "ref") + "\n";
  }
  for (const json& request : dry.value("requests", json::array())) {
    text += "\n" + text_of(request, "method") + " " + text_of(request, "url") + "\n";
    const json body = request.value("body", json::object());
    for (const auto& [name, value] : body.items()) {
      text += "  " + printable_text(name) + ": " + (value.is_string() ? printable_text(value.get<std::string>()) : printable_text(value.dump(-1, ' ', false, json::error_handler_t::replace))) + "\n";
    }
  }
  return text + (text.empty() ? "" : "\n") + lines_of(dry, "notes", "Notes:");
}

}  // namespace

std::string task_event_text(const json& event) {
  const std::string type = text_of(event, "type"), message = text_of(event, "message");
  if (type == "task") return "Task " + short_id(text_of(event, "task")) + ": " + message;
  if (type == "plan") return plan_lines(event);
  if (type == "escalation") return escalation_lines(event["escalation"]);
  if (type == "state") return phase_of(event) == "drafted" ? "" : phase_of(event) + (message.empty() ? "" : ": " + message);
  return message;
}

std::string task_list_text(const json& answer) {
  std::string text;
  for (const json& task : answer.value("tasks", json::array())) text += short_id(text_of(task, "task")) + "  " + phase_of(task) + "  " + text_of(task, "title") + "\n";
  return text.empty() ? "There are no tasks here; `baton run \"…\"` begins one.\n" : text;
}

std::string task_show_text(const json& answer) { return printable_text(answer.value("page", "")); }

std::string task_result_text(const json& result, bool colour, int width) {
  if (result.contains("tasks")) {
    std::string text;
    for (const json& task : result["tasks"]) {
      text += task.contains("error") ? short_id(text_of(task, "task")) + "  " + text_of(task, "error") + "\n" : task_result_text(task, colour, width);
    }
    return text.empty() ? "Nothing waits to go on.\n" : text;
  }
  if (result.contains("dry_run")) return dry_run_text(result["dry_run"]);
  std::string text;
  if (result.contains("verdict") && result["verdict"].is_object()) {
    if (const auto report = verify_report_from_json(result["verdict"])) text += report_text(*report, {.colour = colour, .width = width}) + "\n";
  }
  const json left_out = result.value("left_out", json::array());
  if (!left_out.empty()) text += "Left out:\n";
  for (const json& left : left_out) text += "  " + text_of(left, "what") + ": " + text_of(left, "reason") + "\n";
  text += "Task " + short_id(text_of(result, "task")) + " is " + phase_of(result) + ".";
  if (const std::string message = text_of(result, "message"); !message.empty()) text += " " + message;
  if (result.contains("branch") && result["branch"].is_string()) text += "\n  git log " + text_of(result, "branch");
  return text + "\n";
}

}  // namespace baton
