// What an agent is told: one Markdown text with the task, its part of it, when it is done, what it may change, what earlier attempts
// came to, and how to ask. Pure; any thread.
#pragma once

#include <string>

#include "orchestrator/agents/attempt.h"
#include "orchestrator/agents/primers.h"

namespace baton {

struct PaperFacts {
  std::vector<std::string> notes;  // of the work tree: what is missing in it
  std::string question_file;       // where it may write a question, as it sees it
  int first_port = 0;              // of ten that it may use; 0: none
  Primer primer = {};              // of its type
  std::vector<Instruction> instructions = {};  // of the workspace, for any agent
  std::vector<Skill> skills = {};  // named; read on demand
  std::string similar = {};        // past tasks that are like it; Markdown
  std::string context = {};        // the parts of the workspace to begin with; Markdown
};

std::string task_paper(const AttemptOrder& order, const PaperFacts& facts);

}  // namespace baton
