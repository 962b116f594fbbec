#include "orchestrator/agents/agent_desk.h"

#include <algorithm>
#include <set>

#include "git/calls.h"
#include "git/checkout.h"
#include "orchestrator/agents/context_tool.h"
#include "orchestrator/agents/first_look.h"
#include "orchestrator/agents/similar_tool.h"
#include "orchestrator/agents/slice.h"
#include "orchestrator/agents/task_paper.h"
#include "orchestrator/reports.h"
#include "orchestrator/script.h"
#include "orchestrator/without_links.h"
#include "support/files.h"
#include "support/log.h"
#include "support/redact.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInnerDesk = "/home/baton/desk";
constexpr const char* kPaper = "task.md";
constexpr const char* kQuestion = "question";
constexpr std::size_t kMaxQuestion = 8u << 10;
constexpr std::size_t kMaxIncluded = 200;  // files of `.worktreeinclude`

// Files that git ignores and `.worktreeinclude` names, in the manner of `.gitignore`.
std::vector<std::string> included_files(const Repository& repository, std::stop_token stop) {
  std::error_code failed;
  if (!fs::is_regular_file(fs::symlink_status(repository.root / ".worktreeinclude", failed))) return {};
  auto listed = git_output(in_work_tree(repository, {"ls-files", "-z", "--others", "--ignored", "--exclude-from=.worktreeinclude"}), stop);
  if (!listed) return {};
  std::vector<std::string> paths;
  for (std::string_view rest = *listed; !rest.empty() && paths.size() < kMaxIncluded;) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    paths.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return paths;
}

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
}

bool is_below(const std::string& path, const std::string& folder) { return path == folder || path.starts_with(folder + "/"); }

}  // namespace

ExecutorId executor_of(const AttemptOrder& order, const AttemptParts& parts) {
  return executor_of_attempt(order.task, order.subtask, order.attempt, parts.executor_role);
}

Result<std::unique_ptr<AgentDesk>> AgentDesk::make(const AttemptOrder& order, const AttemptParts& parts, ProgressTicker& progress, std::stop_token stop) {
  auto desk = std::unique_ptr<AgentDesk>(new AgentDesk(order, parts));
  auto place = new_work_tree(parts.cache_home, parts.store.repository(), order.subtask + "-" + std::to_string(order.attempt));
  if (!place) return place.error();
  desk->place_ = std::move(*place);
  auto bench = Workbench::make(parts, order.start, desk->place_.folder, order.client_env, order.subtask, progress, stop);
  auto ready = bench ? done() : Status(bench.error());
  if (bench) {
    desk->bench_ = std::move(*bench);
    ready = desk->make_ready(progress, stop);
  }
  if (ready) return desk;
  put_away(desk->place_);  // nobody has worked there
  return ready.error();
}

Status AgentDesk::make_ready(ProgressTicker& progress, std::stop_token stop) {
  settings_ = load_work_tree_settings(bench_->text_of(".baton/config.json").value_or(""), parts_.config_home / "config.json");
  foreign_ = foreign_setup(bench_->files(), bench_->plan());
  if (auto chosen = choose_slice(); !chosen) return chosen;
  if (auto made = bench_->check_out(); !made) return made;
  if (auto noted = remember(""); !noted) return noted;
  auto clean = TreeManifest::of(tree());
  if (!clean) return clean.error();
  auto problems = bench_->set_up();
  if (!problems) return problems.error();
  for (const Gate& step : foreign_.steps) {
    auto done = bench_->run(step);
    if (!done) return done.error();
    const Diagnosis& said = done->evidence.diagnosis;
    if (said.verdict != RunVerdict::pass) problems->push_back("`" + step.argv.back() + "` (" + step.source + ") does not pass: " + said.cause + ".");
  }
  problems->insert(problems->end(), foreign_.notes.begin(), foreign_.notes.end());
  auto by_setup = clean->difference(tree());
  if (!by_setup) return by_setup.error();
  put_there_ = std::move(by_setup->added);
  changed_by_setup_ = std::move(by_setup->changed);
  std::vector<std::string> copies = parts_.config.worktree_copy;
  copies.insert(copies.end(), foreign_.copies.begin(), foreign_.copies.end());
  lent_ = read_lent_files(bench_->store().repository().root, copies);
  for (LentFile& file : read_lent_files(bench_->store().repository().root, included_files(bench_->store().repository(), stop)).files) lent_.files.push_back(std::move(file));
  if (auto lent = lend_files(); !lent) return lent;
  auto ports = PortLease::take(parts_.cache_home / "ports");
  if (ports) ports_.emplace(std::move(*ports));
  else problems->push_back(ports.error().message);
  find_mounts(*problems);
  if (!slice_.whole()) problems->push_back(slice_note(slice_));
  if (auto written = write_paper(std::move(*problems)); !written) return written;
  if (auto served = serve(); !served) return served;
  auto ready = TreeManifest::of(tree());
  if (!ready) return ready.error();
  ready_ = std::move(*ready);
  progress.show({"agent", "", "", order_.subtask + ": " + order_.agent.name + " works", 0, 0, ""});
  return remember("");
}

Status AgentDesk::choose_slice() {
  const auto& gates = bench_->plan().gates;
  SliceFacts facts{settings_.sparse, order_.part.write_set, order_.attempt, false};
  facts.set_up = !foreign_.steps.empty() || std::any_of(gates.begin(), gates.end(), [](const Gate& gate) { return gate.kind == GateKind::setup; });
  auto files = bench_->store().list(bench_->tree_id());
  if (!files) return files.error();
  slice_ = slice_of(facts, *files);
  bench_->checkout().hold_only(slice_);
  return done();
}

void AgentDesk::find_mounts(std::vector<std::string>& notes) {
  const fs::path root = bench_->store().repository().root;
  for (const std::string& given : settings_.mount) {
    const std::string path = fs::path(given).lexically_normal().generic_string();
    std::error_code failed;
    if (bench_->context().rung != SandboxRung::bubblewrap) {
      notes.push_back("`" + path + "` of the user's tree is not here, since nothing can be mounted without a sandbox.");
    } else if (path.empty() || path == "." || is_below(path, ".git") || !without_links(root, path) || !without_links(tree(), path) || !fs::is_directory(root / path, failed)) {
      notes.push_back("`" + path + "`, which `worktree.mount` names, is no folder of the user's tree.");
    } else {
      mounts_.push_back({root / path, bench_->inner_root() / path, false});
    }
  }
}

Status AgentDesk::lend_files() {
  auto lending = Lending::begin(lent_.files, tree());
  if (!lending) return lending.error();
  for (const auto& [path, hash] : lending->digests()) put_there_.push_back(path);
  lending_.emplace(std::move(*lending));
  return done();
}

Status AgentDesk::serve() {
  AttemptServices::Place place;
  if (isolated()) place.inner = inner_desk();
  place.port = ports_ ? ports_->first() + PortLease::kCount - 1 : 0;
  place.tools.root = tree();
  place.tools.question_file = question_file();
  for (const Criterion& criterion : order_.criteria) place.tools.criteria.push_back(criterion.text);
  place.tools.skills = skills_of(*folder_source(tree()));
  if (parts_.advise) place.tools.more.push_back(advice());
  place.tools.more.push_back(more_context());
  place.tools.more.push_back(similar_tool(recall_of(parts_.state, order_.client_env), order_.task));
  if (!order_.agent.endpoint.url.empty() && place.port == 0) return Error{ErrorKind::io, "No port of this machine is free for the agent's endpoint; wait for other attempts to end."};
  auto services = AttemptServices::start(order_, parts_, std::move(place));
  if (!services) return services.error();
  services_ = std::move(*services);
  return done();
}

// The gates on what lies in the work tree now, against where it began: advice, since the verdict is of the round alone.
Tool AgentDesk::advice() const {
  return {"verify", "Runs the project's gates on your work as it is, against where you began: what broke, test by test. Advice; it decides nothing.", R"({"properties": {}})",
          [this](const nlohmann::json&, std::stop_token stop) -> Result<std::string> {
            auto store = Store::open(bench_->store().repository());  // of this thread
            if (!store) return store.error();
            auto commit = work_in_progress(*store, stop);
            if (!commit) return commit.error();
            return parts_.advise(order_.start, *commit, stop);
          }};
}

Tool AgentDesk::more_context() const {
  return context_tool([this](const ContextRequest& request, std::stop_token stop) -> Result<ContextSlice> {
    auto store = Store::open(bench_->store().repository());  // of this thread
    if (!store) return store.error();
    auto commit = work_in_progress(*store, stop);
    if (!commit) return commit.error();
    return next_look(*store, parts_.state, order_.start, *commit, request, stop);
  });
}

// What lies in the work tree now, as a commit that only we see.
Result<std::string> AgentDesk::work_in_progress(Store& store, std::stop_token stop) const {
  auto found = capture_tree(store, tree(), order_.start, stop, not_taken(), slice_);
  if (!found) return found.error();
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  return store.write_commit(found->tree, {order_.start}, "Work in progress\n", now);
}

Status AgentDesk::write_paper(std::vector<std::string> notes) {
  if (auto made = make_folder(desk(), 0700); !made) return made;
  PaperFacts facts;
  facts.notes = std::move(notes);
  facts.question_file = (inner_desk() / kQuestion).string();
  facts.first_port = ports_ ? ports_->first() : 0;
  const auto workspace = folder_source(tree());
  facts.primer = primer_of(order_.part.agent_type, parts_.config_home / "primers", *workspace);
  for (const std::string& problem : facts.primer.problems) facts.notes.push_back("A primer cannot be used as it is. " + problem);
  FirstLook look = first_look(order_, parts_, *workspace);
  std::vector<std::string> likely = order_.part.write_set;
  likely.insert(likely.end(), look.paths.begin(), look.paths.end());
  facts.instructions = instructions_of(*workspace, likely);
  facts.skills = skills_of(*workspace);
  facts.context = std::move(look.text);
  facts.similar = news_of_similar();
  if (!look.skills.empty()) {
    std::erase_if(facts.skills, [&](const Skill& skill) { return std::find(look.skills.begin(), look.skills.end(), skill.name) == look.skills.end(); });
  }
  context_ = std::move(look.summary);
  return write_file(desk() / kPaper, task_paper(order_, facts));
}

std::string AgentDesk::news_of_similar() {
  SimilarQuery query;
  query.text = order_.part.title + "\n" + order_.text;
  for (const std::string& path : order_.part.write_set) query.text += "\n" + path;
  query.leave_out = told_;
  query.leave_out.insert(order_.task);
  const auto found = recall_of(parts_.state, order_.client_env)(query);
  if (!found) {
    log(LogLevel::info, "The agent is told of no past task: " + found.error().message);
    return "";
  }
  told_.insert(found->tasks.begin(), found->tasks.end());
  return found->text;
}

fs::path AgentDesk::inner_desk() const { return isolated() ? fs::path(kInnerDesk) : desk(); }

std::string AgentDesk::filled_in(const std::string& word, bool in_shell) const {
  const auto written = [&](const fs::path& path) { return in_shell ? shell_quoted(path.string()) : path.string(); };
  std::string text = word;
  replace_all(text, "{task}", written(inner_desk() / kPaper));
  replace_all(text, "{worktree}", written(bench_->inner_root()));
  replace_all(text, "{subtask}", order_.subtask);
  return text;
}

Job AgentDesk::job() const {
  const AgentSpec& agent = order_.agent;
  const RunContext& context = bench_->context();
  Job job;
  job.label = order_.subtask + ": " + agent.name;
  job.rung = context.rung;
  ProcessSpec& process = job.process;
  const bool in_shell = agent.command.size() == 3 && agent.command[0] == "sh" && agent.command[1] == "-c";
  for (const std::string& word : agent.command) process.argv.push_back(filled_in(word, in_shell));
  process.cwd = bench_->inner_root();
  const AcpTerms::Further& further = isolated() ? agent.acp.isolated : agent.acp.plain;
  process.argv.insert(process.argv.end(), further.arguments.begin(), further.arguments.end());
  const bool outside = agent.network == NetworkPolicy::full;
  process.env = outside ? context.environment.setup : context.environment.gate;
  for (const std::string& name : agent.environment) {
    if (const auto value = get(order_.client_env, name)) set(process.env, name, *value);
  }
  for (const Environment* given : {&agent.acp.variables, &further.variables}) {
    for (const auto& [name, value] : *given) set(process.env, name, value);
  }
  set(process.env, "BATON_TASK", (inner_desk() / kPaper).string());
  set(process.env, "BATON_QUESTION", (inner_desk() / kQuestion).string());
  set(process.env, "BATON_SUBTASK", order_.subtask);
  set(process.env, kExecutorVariable, executor_of(order_, parts_).text());
  if (ports_) {
    set(process.env, "PORT", std::to_string(ports_->first()));
    set(process.env, "BATON_PORTS", std::to_string(ports_->first()) + "-" + std::to_string(ports_->first() + PortLease::kCount - 1));
  }
  process.timeout = agent.limit;
  process.merge_stderr = agent.backend == AgentBackend::command;
  process.max_output = 64u << 10;

  SandboxPolicy& box = job.sandbox;
  box.binds = context.tools;
  box.binds.insert(box.binds.end(), context.borrowed.begin(), context.borrowed.end());
  Checkout& checkout = bench_->checkout();
  box.home = checkout.home();
  box.tmp = checkout.tmp();
  box.network = outside;
  box.masked = context.masked;
  if (outside) box.binds.insert(box.binds.end(), context.environment.setup_binds.begin(), context.environment.setup_binds.end());
  box.binds.push_back({isolated() ? checkout.tree() : bench_->inner_root(), bench_->inner_root(), true});
  box.binds.push_back({desk(), inner_desk(), true});
  box.binds.insert(box.binds.end(), mounts_.begin(), mounts_.end());
  if (services_) services_->give_to(process, box);
  for (const std::string& path : agent.login) lend_from_home(path, true, box);
  for (const std::string& path : agent.acp.reads) lend_from_home(path, false, box);
  return job;
}

void AgentDesk::lend_from_home(const std::string& path, bool writable, SandboxPolicy& box) const {
  const fs::path theirs = get(order_.client_env, "HOME").value_or("");
  std::error_code failed;
  if (!theirs.is_absolute() || !fs::exists(theirs / path, failed)) return;
  if (isolated()) {
    box.binds.push_back({theirs / path, home() / path, writable});
    return;
  }
  fs::create_directories((home() / path).parent_path(), failed);  // HOME is another one there too
  if (writable) box.binds.push_back({theirs / path, theirs / path, true});
  if (writable) fs::create_symlink(theirs / path, home() / path, failed);
  else fs::copy(theirs / path, home() / path, fs::copy_options::recursive | fs::copy_options::skip_existing, failed);
}

std::string AgentDesk::paper() const {
  const auto text = read_file(desk() / kPaper);
  return text ? *text : order_.text;
}

std::vector<std::string> AgentDesk::secrets() const {
  std::vector<std::string> secrets = bench_->context().environment.secrets;
  for (std::string& secret : lent_.secrets()) secrets.push_back(std::move(secret));
  Environment lent;
  for (const std::string& name : order_.agent.environment) {
    if (const auto value = get(order_.client_env, name)) lent.emplace_back(name, *value);
  }
  for (std::string& secret : secret_values(lent)) secrets.push_back(std::move(secret));
  if (services_) {
    for (std::string& secret : services_->secrets()) secrets.push_back(std::move(secret));
  }
  return secrets;
}

std::string AgentDesk::question() const {
  const auto found = read_reports(desk(), kQuestion);
  if (found.empty()) return "";
  std::string text = redact(found.front().content.substr(0, kMaxQuestion), secrets());
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) text.pop_back();
  return text;
}

fs::path AgentDesk::question_file() const { return desk() / kQuestion; }

std::string AgentDesk::keep_name() const { return "attempts/" + order_.task + "/" + order_.subtask + "/" + std::to_string(order_.attempt); }

// What set-up changed is no work of the agent, unless it was changed again.
std::vector<std::string> AgentDesk::not_taken() const {
  std::set<std::string> changed_since;
  if (ready_) {
    if (auto since = ready_->difference(tree())) changed_since.insert(since->changed.begin(), since->changed.end());
  }
  std::vector<std::string> paths_of_ours;
  std::set<std::string> lent;
  for (const LentFile& file : lent_.files) lent.insert(file.path);
  for (const auto* paths : {&put_there_, &changed_by_setup_}) {
    for (const std::string& path : *paths) {
      std::error_code failed;
      const bool folder = fs::is_directory(fs::symlink_status(tree() / path, failed));
      if (folder || lent.contains(path) || !changed_since.contains(path)) paths_of_ours.push_back(path);
    }
  }
  return paths_of_ours;
}

Result<Capture> AgentDesk::collect(std::stop_token stop) {
  lending_.reset();
  return capture_tree(bench_->store(), tree(), order_.start, stop, not_taken(), slice_);
}

Status AgentDesk::remember(const std::string& kept) {
  WorkTreeRecord record;
  record.repository = bench_->store().repository().root.string();
  record.start = order_.start;
  record.kept = kept;
  record.keep_name = keep_name();
  record.tree = tree().lexically_relative(place_.folder).generic_string();
  record.left_out = put_there_;
  record.slice = slice_.folders();
  for (const std::string& path : put_there_) {
    const bool lent = std::any_of(lent_.files.begin(), lent_.files.end(), [&](const LentFile& file) { return is_below(file.path, path); });
    if (!lent) record.regenerable.push_back(path);
  }
  return write_record(place_.folder, record);
}

}  // namespace baton
