#include "orchestrator/chat/chat_tools.h"

#include <re2/re2.h>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/agents/acp_files.h"
#include "orchestrator/file_source.h"
#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kMostShown = 16u << 10;   // bytes of a file or of a search
constexpr std::size_t kMostPrinted = 8u << 10;  // bytes of a command's output
constexpr int kLinesOfFile = 400;               // when no number is given
constexpr std::size_t kLongestHit = 240;        // bytes of a line of a search
constexpr std::size_t kMostNames = 400;
constexpr int kUsualSeconds = 120, kMostSeconds = 1200;

// Below the work tree, or empty.
fs::path relative_of(const fs::path& root, const std::string& given) {
  fs::path path = fs::path(given).lexically_normal();
  if (path.is_absolute()) path = path.lexically_relative(root);
  if (path.empty() || *path.begin() == "..") return {};
  return path;
}

Error lies_outside(const std::string& path) {
  return {ErrorKind::usage, "`" + path + "` is no path of a file in the working directory; give it relative to that."};
}

// Without a half of a character at its end.
std::string_view whole_letters(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xc0) == 0x80) --longest;
  return text.substr(0, longest);
}

Result<std::string> read_lines(const fs::path& root, const json& arguments) {
  const std::string given = arguments["path"];
  const fs::path path = relative_of(root, given);
  if (path.empty()) return lies_outside(given);
  const auto text = read_in_tree(root, path, std::nullopt, std::nullopt);
  if (!text) return text.error();
  if (text->find('\0') != text->npos) return Error{ErrorKind::usage, given + " is no text."};
  const auto total =
      static_cast<int>(std::count(text->begin(), text->end(), '\n')) + (text->empty() || text->ends_with('\n') ? 0 : 1);
  const int from = std::max(1, arguments.value("from", 1)),
            wanted = std::clamp(arguments.value("lines", kLinesOfFile), 1, 100'000);
  std::size_t begin = 0;
  for (int line = 1; line < from && begin < text->size(); ++line)
    begin = std::min(text->find('\n', begin), text->size() - 1) + 1;
  std::size_t end = begin;
  int last = from - 1;
  while (last < from - 1 + wanted && end < text->size()) {
    const std::size_t next = std::min(text->find('\n', end), text->size() - 1) + 1;
    if (next - begin > kMostShown && end > begin) break;
    end = next;
    ++last;
  }
  if (end == begin) return given + " has " + std::to_string(total) + " lines.\n";
  return given + ", lines " + std::to_string(from) + " to " + std::to_string(last) + " of " + std::to_string(total) +
         ":\n" + std::string(whole_letters(std::string_view(*text).substr(begin, end - begin), 4 * kMostShown));
}

bool lies_in(const std::string& file, const std::string& folder) {
  return folder == "." || file == folder || file.starts_with(folder + "/");
}

// "." for all; empty: it lies outside.
std::string searched_folder(const fs::path& root, const json& arguments) {
  const std::string given = arguments.value("path", "");
  std::string folder = relative_of(root, given.empty() ? "." : given).generic_string();
  while (folder.ends_with('/')) folder.pop_back();
  return folder;
}

Result<std::string> list_names(const fs::path& root, const json& arguments) {
  const std::string folder = searched_folder(root, arguments);
  if (folder.empty()) return lies_outside(arguments["path"]);
  const auto source = folder_source(root);
  std::string text;
  std::size_t names = 0;
  for (const std::string& file : source->files()) {
    if (lies_in(file, folder) && ++names <= kMostNames) text += file + "\n";
  }
  if (names == 0) return Error{ErrorKind::usage, "There is no file in " + arguments.value("path", ".") + "."};
  return text + (names > kMostNames ? "… " + std::to_string(names - kMostNames) + " more; name a folder.\n" : "");
}

Result<std::string> search_files(const fs::path& root, const json& arguments, std::stop_token stop) {
  const std::string given = arguments["pattern"];
  RE2::Options quiet;
  quiet.set_log_errors(false);
  RE2 pattern(given, quiet);
  const std::unique_ptr<RE2> literal = pattern.ok() ? nullptr : std::make_unique<RE2>(RE2::QuoteMeta(given), quiet);
  const RE2& wanted = literal ? *literal : pattern;
  const std::string folder = searched_folder(root, arguments);
  if (folder.empty()) return lies_outside(arguments["path"]);
  const auto source = folder_source(root);
  std::string text;
  std::size_t left_out = 0;
  for (const std::string& file : source->files()) {
    if (stop.stop_requested()) return Error{ErrorKind::cancelled, "Cancelled."};
    const auto content = lies_in(file, folder) ? source->read(file) : std::nullopt;
    if (!content || content->find('\0') != content->npos) continue;
    int number = 0;
    for (std::string_view rest = *content; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      ++number;
      if (!RE2::PartialMatch(line, wanted)) continue;
      if (text.size() < kMostShown)
        text += file + ":" + std::to_string(number) + ": " + std::string(whole_letters(line, kLongestHit)) + "\n";
      else
        ++left_out;
    }
  }
  if (text.empty()) return std::string("No line matches.\n");
  return text +
         (left_out > 0 ? "… " + std::to_string(left_out) + " more lines; search for less, or in a folder.\n" : "");
}

Result<std::string> write_whole(const ChatGround& ground, const json& arguments, std::stop_token stop) {
  const std::string given = arguments["path"];
  const fs::path path = relative_of(ground.root, given);
  if (path.empty()) return lies_outside(given);
  if (auto may = ground.leave(deed_of("write_file", arguments), stop); !may) return may.error();
  std::error_code failed;
  fs::create_directories((ground.root / path).parent_path(), failed);
  const std::string& content = arguments["content"].get_ref<const std::string&>();
  if (auto written = write_in_tree(ground.root, path, content); !written) return written.error();
  return given + " is written (" + std::to_string(content.size()) + " bytes).\n";
}

std::string with_line_ends(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out += '\r';
    out += text[i];
  }
  return out;
}

std::size_t times_in(const std::string& text, const std::string& piece) {
  std::size_t count = 0;
  for (auto at = text.find(piece); at != text.npos; at = text.find(piece, at + piece.size())) ++count;
  return count;
}

Result<std::string> replace_exactly(const ChatGround& ground, const json& arguments, std::stop_token stop) {
  const std::string given = arguments["path"];
  const fs::path path = relative_of(ground.root, given);
  if (path.empty()) return lies_outside(given);
  auto text = read_in_tree(ground.root, path, std::nullopt, std::nullopt);
  if (!text) return text.error();
  std::string before = arguments["old"], after = arguments["new"];
  if (before.empty()) return Error{ErrorKind::usage, "`old` is empty; write_file makes a new file."};
  if (text->find(before) == text->npos && text->find("\r\n") != text->npos) {
    before = with_line_ends(before);
    after = with_line_ends(after);
  }
  const std::size_t count = times_in(*text, before);
  if (count == 0)
    return Error{ErrorKind::usage,
                 "`old` does not stand in " + given + " as it is given; read the lines again, spaces count."};
  if (count > 1 && !arguments.value("all", false)) {
    return Error{ErrorKind::usage, "`old` stands in " + given + " " + std::to_string(count) +
                                       " times; give more of the lines around it, or `all`."};
  }
  if (auto may = ground.leave(deed_of("edit_file", arguments), stop); !may) return may.error();
  for (auto at = text->find(before); at != text->npos; at = text->find(before, at + after.size()))
    text->replace(at, before.size(), after);
  if (auto written = write_in_tree(ground.root, path, *text); !written) return written.error();
  return given + " is changed in " + std::to_string(count) + (count == 1 ? " place.\n" : " places.\n");
}

Result<std::string> run_line(const ChatGround& ground, const json& arguments, std::stop_token stop) {
  const ChatDeed deed = deed_of("run_command", arguments);
  if (deed.command.find_first_not_of(" \t\r\n") == deed.command.npos)
    return Error{ErrorKind::usage, "`command` is empty."};
  if (auto may = ground.leave(deed, stop); !may) return may.error();
  const int seconds = std::clamp(arguments.value("seconds", kUsualSeconds), 1, kMostSeconds);
  ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", deed.command};
  spec.cwd = ground.root;
  spec.env = ground.env;
  spec.timeout = std::chrono::seconds(seconds);
  spec.max_output = kMostPrinted;
  spec.merge_stderr = true;
  const auto ran = run(spec, stop);
  if (!ran) return ran.error();
  std::string how = !ran->start_error.empty() ? ran->start_error
                    : ran->timed_out          ? "stopped after " + std::to_string(seconds) + " s"
                    : ran->signal             ? "ended by signal " + std::to_string(*ran->signal)
                                              : "exit code " + std::to_string(ran->exit_code.value_or(-1));
  if (ran->truncated) how += ", " + std::to_string(ran->output_bytes) + " bytes of output, the middle of it left out";
  return how + "\n" + ran->out;
}

}  // namespace

ChatDeed deed_of(const std::string& tool, const json& arguments) {
  const auto text = [&](const char* name) {
    return arguments.is_object() && arguments.contains(name) && arguments[name].is_string()
               ? arguments[name].get<std::string>()
               : std::string();
  };
  if (tool == "run_command") return {"execute", text("command"), "", text("command")};
  if (tool == "write_file" || tool == "edit_file")
    return {"edit", (tool == "write_file" ? "write " : "edit ") + text("path"), text("path"), ""};
  if (tool == "read_file") return {"read", "read " + text("path"), text("path"), ""};
  if (tool == "search") return {"search", "search for " + text("pattern"), "", ""};
  if (tool == "list_files") return {"search", "list files", "", ""};
  return {"other", "baton_" + tool, "", ""};
}

std::vector<Tool> chat_tools(ChatGround ground) {
  const auto of = std::make_shared<const ChatGround>(std::move(ground));
  return {
      {"read_file", "Lines of a file, as they are.",
       R"({"properties": {"path": {"type": "string"}, "from": {"type": "integer", "description": "first line, from 1"}, "lines": {"type": "integer"}}, "required": ["path"]})",
       [of](const json& a, std::stop_token) { return read_lines(of->root, a); }},
      {"list_files", "The files of a folder and below it, without what is built or installed.",
       R"({"properties": {"path": {"type": "string"}}})",
       [of](const json& a, std::stop_token) { return list_names(of->root, a); }},
      {"search", "Lines that match a regular expression (RE2), with file and number.",
       R"({"properties": {"pattern": {"type": "string"}, "path": {"type": "string", "description": "a file or folder"}}, "required": ["pattern"]})",
       [of](const json& a, std::stop_token stop) { return search_files(of->root, a, stop); }},
      {"edit_file",
       "Replaces a text of a file by another. `old` is exact, with its spaces and line ends, and stands there once; or "
       "`all`.",
       R"({"properties": {"path": {"type": "string"}, "old": {"type": "string"}, "new": {"type": "string"}, "all": {"type": "boolean"}}, "required": ["path", "old", "new"]})",
       [of](const json& a, std::stop_token stop) { return replace_exactly(*of, a, stop); }},
      {"write_file", "Writes a whole file, with its folders.",
       R"({"properties": {"path": {"type": "string"}, "content": {"type": "string"}}, "required": ["path", "content"]})",
       [of](const json& a, std::stop_token stop) { return write_whole(*of, a, stop); }},
      {"run_command",
       "Runs a line of shell in the working directory: how it ended, and what it printed. 120 seconds, or as many as "
       "are given.",
       R"({"properties": {"command": {"type": "string"}, "seconds": {"type": "integer"}}, "required": ["command"]})",
       [of](const json& a, std::stop_token stop) { return run_line(*of, a, stop); }},
  };
}

}  // namespace baton
