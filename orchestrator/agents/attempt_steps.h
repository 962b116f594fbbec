// What attempts of every kind of agent share: what was changed becomes a commit that stays, files outside the declared ones are
// told, ends are put in words. Blocks; worker threads.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/agents/agent_desk.h"
#include "orchestrator/agents/attempt.h"

namespace baton {

void conclude(AttemptResult& result, AttemptEnd end, std::string reason);

std::string time_in_words(std::chrono::seconds time);  // "90 s", "10 min"
std::string last_line(std::string_view text);          // at most 200 bytes of it
bool disk_is_full(const std::filesystem::path& folder);

// Of the changed files those that no pattern of the write set names; none where there is no write set.
std::vector<std::string> outside(const std::vector<FileChange>& changes, const std::vector<std::string>& write_set);

// The tree as a commit of the store that stays under `keep_name`, and of `result`.
Status commit_result(Store& store, const AttemptOrder& order, const std::string& tree, const std::string& keep_name, AttemptResult& result);

// What lies in the work tree, into the store and the result, however the attempt ended.
Status collect(AgentDesk& desk, const AttemptOrder& order, AttemptResult& result);
// Collects, and corrects the end where that does not succeed or nothing was changed. The record of the work tree is brought up to date.
void finish_attempt(AgentDesk& desk, const AttemptOrder& order, AttemptResult& result);

// What its models cost, into the result. True: a budget refused it a call, which is then what the human is asked about.
bool budget_is_used_up(const AgentDesk& desk, AttemptResult& result);

void ask_for_budget(AttemptResult& result, const std::string& why);
// It worked longer than it may: failed, or the human's question where a budget of minutes says so.
void end_late(const AgentSpec& agent, AttemptResult& result);

// Where the log of an attempt is.
std::filesystem::path log_of(const AttemptOrder& order, const AttemptParts& parts);
void make_room(const AttemptParts& parts, std::stop_token stop);  // work trees of others that are over the budget go

Result<AttemptResult> run_acp(const AttemptOrder& order, const AttemptParts& parts, ProgressTicker& progress, std::stop_token stop);

}  // namespace baton
