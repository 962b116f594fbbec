#include "git/clone_folder.h"

#include <algorithm>
#include <fstream>
#include <future>

#include "git/fields.h"
#include "support/files.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

// A configuration value in git's own quoting.
std::string quoted(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
    } else {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
  }
  return text + "\"";
}

// "filter.lfs.clean" -> section "filter", subsection "lfs", key "clean".
std::string setting_lines(std::string_view name, std::string_view value) {
  const std::size_t first = name.find('.');
  const std::size_t last = name.rfind('.');
  if (first == name.npos || value.find('\0') != value.npos) return "";
  std::string text = "[" + std::string(name.substr(0, first));
  if (last > first) text += " " + quoted(name.substr(first + 1, last - first - 1));
  return text + "]\n\t" + std::string(name.substr(last + 1)) + " = " + quoted(value) + "\n";
}

Result<std::string> config_text(const CloneSource& source, std::stop_token stop) {
  GitCall call = source.settings;
  call.args = {
      "config", "-z", "--get-regexp",
      "^(filter\\..*|lfs\\..*|core\\.(autocrlf|eol|filemode|symlinks|ignorecase|precomposeunicode|attributesfile))$"};
  const auto listed = run_git(call, stop);
  if (!listed) return listed.error();
  if (listed->exit_code != 0 && listed->exit_code != 1) return git_output(call, stop).error();
  std::string text = "[core]\n\trepositoryformatversion = ";
  text += source.sha256 ? "1\n" : "0\n";
  text += "\tbare = false\n\tlogallrefupdates = false\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n";
  if (source.sha256) text += "[extensions]\n\tobjectformat = sha256\n";
  for (Fields fields(listed->out); !fields.done();) {
    const std::string_view entry = fields.next();  // "<name>\n<value>", or the name alone, which means true
    const std::size_t line = entry.find('\n');
    text += setting_lines(entry.substr(0, line), line == entry.npos ? "true" : entry.substr(line + 1));
  }
  return text;
}

// packed-refs with the tags of the repository, peeled, as `git pack-refs` writes them.
Result<std::string> packed_tags(const CloneSource& source, std::stop_token stop) {
  GitCall call = source.settings;
  call.args = {"for-each-ref", "--format=%(objectname) %(refname) %(*objectname)", "refs/tags"};
  const auto listed = git_output(call, stop);
  if (!listed) return listed.error();
  std::string text = "# pack-refs with: peeled fully-peeled sorted \n";
  for (std::string_view rest = *listed; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    const std::size_t last = line.rfind(' ');  // reference names hold no spaces
    if (last != line.npos) {
      text += std::string(line.substr(0, last)) + "\n";
      if (last + 1 < line.size()) text += "^" + std::string(line.substr(last + 1)) + "\n";
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return text;
}

// Made again whenever it is needed, so no power cut is waited for: a checkout writes a dozen of them.
Status write_new(const fs::path& path, std::string_view text) {
  if (auto made = make_folder(path.parent_path()); !made) return made;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  return file ? done() : Status(Error{ErrorKind::io, "Cannot write " + path.string() + "; is the disk full?"});
}

}  // namespace

Status make_clone_folder(const fs::path& git_dir, std::string_view commit, const CloneSource& source,
                         bool commit_is_root, std::stop_token stop) {
  if (auto removed = remove_tree(git_dir); !removed) return removed;
  // Two processes at once: neither needs the other, and a task makes this many times.
  auto listed = std::async(std::launch::async, [&]() -> Result<std::string> {
    if (!source.tags) return std::string();
    return packed_tags(source, stop);
  });
  auto config = config_text(source, stop);
  auto tags = listed.get();
  if (!config) return config.error();
  if (!tags) return tags.error();
  std::string alternates, shallow, attributes;
  for (const fs::path& objects : source.objects) alternates += objects.string() + "\n";
  if (auto text = read_file(source.common_dir / "shallow")) shallow = std::move(*text);
  if (commit_is_root && shallow.find(commit) == shallow.npos) shallow += std::string(commit) + "\n";
  if (auto text = read_file(source.common_dir / "info/attributes")) attributes = std::move(*text);

  for (const char* folder : {"objects/pack", "refs/heads", "refs/tags"}) {
    if (auto made = make_folder(git_dir / folder); !made) return made;
  }
  const std::pair<const char*, std::string> files[] = {{"config", std::move(*config)},
                                                       {"packed-refs", std::move(*tags)},
                                                       {"objects/info/alternates", std::move(alternates)},
                                                       {"info/attributes", std::move(attributes)},
                                                       {"shallow", std::move(shallow)},
                                                       {"HEAD", std::string(commit) + "\n"}};
  for (const auto& [name, text] : files) {
    if (text.empty()) continue;
    if (auto written = write_new(git_dir / name, text); !written) return written;
  }
  return done();
}

}  // namespace baton
