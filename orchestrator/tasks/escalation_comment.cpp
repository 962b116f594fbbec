#include "orchestrator/tasks/escalation_comment.h"

#include "orchestrator/tasks/markdown.h"
#include "support/redact.h"

namespace baton {
namespace {

constexpr std::size_t kMaxLine = 400, kMaxMessage = 2'000;  // bytes; an agent's last words may be long

std::string cut(std::string text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  while (max_bytes > 0 && (static_cast<unsigned char>(text[max_bytes]) & 0xC0) == 0x80)
    --max_bytes;  // no half of a letter
  text.resize(max_bytes);
  return text + " …";
}

// A page that others read tells nothing of whose machine it was.
std::string without_home(std::string text, const std::string& home) {
  if (home.size() < 2) return text;
  for (auto at = text.find(home + "/"); at != text.npos; at = text.find(home + "/", at + 1))
    text.replace(at, home.size(), "~");
  return text;
}

class Words {
 public:
  explicit Words(const Environment& env) : secrets_(secret_values(env)), home_(get(env, "HOME").value_or("")) {}

  std::string fit(const std::string& text, std::size_t max_bytes) const {
    return cut(without_home(redact(text, secrets_), home_), max_bytes);
  }

  std::string list(std::string_view title, const std::vector<std::string>& lines) const {
    if (lines.empty()) return {};
    std::string all;
    for (const std::string& line : lines) all += fit(line.substr(0, line.find('\n')), kMaxLine) + "\n";
    return "\n" + std::string(title) + ":\n\n" + code_block(all, "text");
  }

 private:
  std::vector<std::string> secrets_;
  std::string home_;
};

std::string comment_text(const std::string& task, const EscalationRecord& e, const Words& words) {
  std::string text = e.settled.empty() ? "**The task behind this waits for a human.**\n\n"
                                       : "**This is settled: " + e.settled + ".** It was about:\n\n";
  text += plain_words(words.fit(e.message, kMaxMessage)) + "\n\n- task " + code_span(task) + "\n- reason " +
          code_span(e.reason) + "\n";
  if (!e.agent.empty()) text += "- agent " + code_span(e.agent) + "\n";
  if (!e.question.empty()) text += "\nIt asks:\n\n" + code_block(words.fit(e.question, kMaxMessage), "text");
  text += words.list("Attempts", e.attempts) + words.list("Evidence", e.evidence);
  if (e.settled.empty()) text += words.list("What can be done next", e.next_steps);
  return text;
}

}  // namespace

std::vector<MarkedComment> escalation_comments(const TaskRecord& record, const Environment& env) {
  const Words words(env);
  std::vector<MarkedComment> comments;
  const auto add = [&](const EscalationRecord& e) {
    const std::string marker =
        "<!-- baton:escalation task=" + record.id + " number=" + std::to_string(e.number) + " -->";
    comments.push_back({marker, comment_text(record.id, e, words), !e.settled.empty()});
  };
  for (const EscalationRecord& e : record.settled) add(e);
  if (record.escalation && record.escalation->number > 0) add(*record.escalation);
  return comments;
}

}  // namespace baton
