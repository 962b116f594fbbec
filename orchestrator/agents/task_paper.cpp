#include "orchestrator/agents/task_paper.h"

#include "orchestrator/agents/ports.h"

namespace baton {
namespace {

void heading(std::string& text, std::string_view title) { text += "\n## " + std::string(title) + "\n\n"; }

void items(std::string& text, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) text += "- " + line + "\n";
}

// What holds for agents of this kind, in this repository.
void add_guidance(std::string& text, const PaperFacts& facts) {
  if (!facts.primer.text.empty()) {
    heading(text, "How work is done");
    text += facts.primer.text + "\n";
  }
  for (const Instruction& instruction : facts.instructions) {
    heading(text, "Instructions of this repository: " + instruction.path);
    text += instruction.text;
    if (!text.ends_with('\n')) text += "\n";
  }
  if (facts.skills.empty()) return;
  heading(text, "Skills");
  text += "Read one when the work needs it.\n\n";
  for (const Skill& skill : facts.skills) text += "- " + skill.name + " (`" + skill.path + "`)" + (skill.description.empty() ? "" : ": " + skill.description) + "\n";
}

// What the machinery asks of a test before it takes it for a criterion (docs/verdicts.md).
void add_terms_of_tests(std::string& text, const AttemptOrder& order) {
  heading(text, "What your tests have to show");
  text += "The others' work is in this checkout, and the project's gates pass. Of what is listed above no evidence says yet that it holds: write a\n"
          "test for each. What their work touched of the program:\n\n";
  items(text, order.touched);
  text += "\nA test shows a criterion when\n\n"
          "- it names what it covers: a word of the criterion in its own name, most of its words in name and text, and every identifier of it;\n"
          "- it calls what was touched, and insists on what comes of it, not only on that something is there;\n"
          "- it fails without the others' work, at its own assertion, and passes with it. That is tried, three times each. Where it calls what\n"
          "  is new, it may also fail there since that is missing.\n\n"
          "Change files of tests alone, and weaken none that are there: anything else is refused. Where a criterion does not hold, do not bend\n"
          "the test: ask, and say what fails.\n";
}

}  // namespace

std::string task_paper(const AttemptOrder& order, const PaperFacts& facts) {
  std::string text = order.text;
  while (text.ends_with('\n')) text.pop_back();
  text += "\n";
  if (!order.part.title.empty() && order.text.find(order.part.title) == std::string::npos) {
    heading(text, "Your part of it");
    text += order.part.title + "\n";
  }
  if (!order.criteria.empty()) {
    heading(text, "It is done when");
    for (const Criterion& criterion : order.criteria) text += "- [ ] " + criterion.text + "\n";
  }
  if (order.part.tests_only) add_terms_of_tests(text, order);
  if (!order.part.write_set.empty()) {
    heading(text, "Files that you are expected to change");
    items(text, order.part.write_set);
    text += "\nA change elsewhere is allowed where the work needs it, and will be looked at.\n";
  }
  if (!order.hint.empty()) {
    heading(text, "A hint from the user");
    text += order.hint + "\n";
  }
  for (std::size_t i = 0; i < order.feedback.size(); ++i) {
    heading(text, order.feedback.size() == 1 ? "What the last attempt came to" : "What attempt " + std::to_string(i + 1) + " came to");
    text += order.feedback[i] + "\n";
  }
  heading(text, "Where you work");
  text += "Work in the current folder, a checkout of your own. Its files are your answer: whether it is done is judged by the project's own\n"
          "build and tests in another checkout, not by what you say. Committing is not needed.\n";
  if (!facts.question_file.empty()) {
    text += "If you cannot go on without an answer from the user, write the question to `" + facts.question_file + "` (its name is also in\n"
            "`$BATON_QUESTION`) and end" + (order.agent.backend == AgentBackend::command ? ", or end with exit code 3 and the question as your last words.\n" : " your turn.\n");
  }
  if (facts.first_port > 0) {
    text += "Servers that you start may use the ports " + std::to_string(facts.first_port) + " to " + std::to_string(facts.first_port + PortLease::kCount - 1) + ".\n";
  }
  if (!facts.notes.empty()) {
    heading(text, "About this checkout");
    items(text, facts.notes);
  }
  add_guidance(text, facts);
  if (!facts.similar.empty()) {
    heading(text, "Similar tasks before");
    text += "As the record of this repository has them; `find_similar` finds others.\n\n" + facts.similar;
  }
  if (!facts.context.empty()) {
    heading(text, "Where to begin");
    text += facts.context;
  }
  return text;
}

}  // namespace baton
