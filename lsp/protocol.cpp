#include "lsp/protocol.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lsp/uri.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

Position position_of(const Reader& reader) {
  return {reader.required("line").uinteger(), reader.required("character").uinteger()};
}

Range range_of(const Reader& reader) {
  return {position_of(reader.required("start")), position_of(reader.required("end"))};
}

std::vector<Folder> folders_of(const Reader& list) {
  std::vector<Folder> folders;
  list.each([&](const Reader& folder) {
    folders.push_back({folder.required("uri").string(), folder.optional("name").string()});
  });
  return folders;
}

std::string document_uri(const Reader& reader) {
  const Reader document = reader.required("textDocument");
  return document.required("uri").string();
}

// The text of a token or id, which is an integer or a string.
std::string token_of(const Reader& reader) {
  if (!reader.present()) return {};
  return reader.raw()->is_string() ? dump_json(reader.string()) : dump_json(reader.integer());
}

int small(const Reader& reader) { return static_cast<int>(std::min<std::uint32_t>(reader.uinteger(), 1u << 30)); }
int line_of(const Reader& reader) { return small(reader.optional("line")); }

}  // namespace

void read(const Reader&, NoParams&) {}

void read(const Reader& reader, AnyParams& value) {
  value.json = std::make_shared<const json>(reader.present() ? *reader.raw() : json());
}

void read(const Reader& reader, InitializeParams& value) {
  reader.must_be_object();
  reader.required("capabilities").must_be_object();
  if (const Reader pid = reader.optional("processId"); pid.present()) value.process_id = pid.integer();
  value.folders = folders_of(reader.optional("workspaceFolders"));
  if (value.folders.empty()) {
    const std::string uri = reader.optional("rootUri").string();
    const std::string path = reader.optional("rootPath").string();
    if (!uri.empty()) value.folders.push_back({uri, {}});
    else if (path.starts_with('/')) value.folders.push_back({uri_of_path(path), {}});
  }
  value.trace = reader.optional("trace").string();
  value.whole = std::make_shared<const json>(reader.present() ? *reader.raw() : json());
}

void read(const Reader& reader, CancelParams& value) { value.id = token_of(reader.required("id")); }
void read(const Reader& reader, SetTraceParams& value) { value.value = reader.required("value").string(); }
void read(const Reader& reader, CancelProgressParams& value) { value.token = token_of(reader.required("token")); }

void read(const Reader& reader, FoldersChangedParams& value) {
  const Reader event = reader.required("event");
  value.added = folders_of(event.optional("added"));
  value.removed = folders_of(event.optional("removed"));
}

void read(const Reader& reader, DidOpenParams& value) {
  const Reader document = reader.required("textDocument");
  value.uri = document.required("uri").string();
  value.language = document.optional("languageId").string();
  value.version = document.optional("version").integer();
  value.text = document.required("text").string();
}

void read(const Reader& reader, DidChangeParams& value) {
  const Reader document = reader.required("textDocument");
  value.uri = document.required("uri").string();
  value.version = document.required("version").integer();
  reader.required("contentChanges").each([&](const Reader& change) {
    TextChange edit;
    if (const Reader range = change.optional("range"); range.present()) edit.range = range_of(range);
    edit.text = change.required("text").string();
    value.changes.push_back(std::move(edit));
  });
}

void read(const Reader& reader, DidCloseParams& value) { value.uri = document_uri(reader); }
void read(const Reader& reader, DidSaveParams& value) { value.uri = document_uri(reader); }

void read(const Reader& reader, CodeActionParams& value) {
  value.uri = document_uri(reader);
  value.range = range_of(reader.required("range"));
  const Reader context = reader.required("context");
  context.optional("diagnostics").each([&](const Reader& diagnostic) {
    if (diagnostic.present()) value.diagnostics.push_back(std::make_shared<const json>(*diagnostic.raw()));
  });
  value.only = context.optional("only").strings();
}

void read(const Reader& reader, CodeLensParams& value) { value.uri = document_uri(reader); }

void read(const Reader& reader, AcceptArguments& value) {
  value.uri = reader.optional("uri").string();
  value.task = reader.optional("task").string();
  value.gate = reader.optional("gate").string();
  value.test = reader.optional("test").string();
  value.path = reader.optional("path").string();
  value.message = reader.optional("message").string();
  value.reason = reader.optional("reason").string();
  value.line = line_of(reader);
  value.withdraw = reader.optional("withdraw").boolean();
}

void read(const Reader& reader, ShowKnownArguments& value) {
  value.uri = reader.optional("uri").string();
  if (const Reader show = reader.optional("show"); show.present()) value.show = show.boolean();
}

void read(const Reader& reader, ExecuteCommandParams& value) {
  value.command = reader.required("command").string();
  value.argument = std::make_shared<const json>();
  bool first = true;
  reader.optional("arguments").each([&](const Reader& argument) {
    if (first && argument.present()) value.argument = std::make_shared<const json>(*argument.raw());
    first = false;
  });
  value.progress_token = token_of(reader.optional("workDoneToken"));
}

void read(const Reader& reader, VerifyArguments& value) {
  value.uri = reader.optional("uri").string();
  value.base = reader.optional("base").string();
  value.head = reader.optional("head").string();
  value.gates = reader.optional("gates").strings();
  value.quick = reader.optional("quick").boolean();
  value.fresh = reader.optional("fresh").boolean();
  value.criteria = reader.optional("criteria").strings();
  value.red_green = reader.optional("redGreen").boolean();
  value.mutants = small(reader.optional("mutants"));
}

void read(const Reader& reader, PlaceArguments& value) { value.uri = reader.optional("uri").string(); }

void read(const Reader& reader, TrustArguments& value) {
  value.uri = reader.optional("uri").string();
  value.digest = reader.optional("digest").string();
  value.verify = reader.optional("verify").boolean();
}

void read(const Reader& reader, EvidenceArguments& value) {
  value.uri = reader.optional("uri").string();
  value.task = reader.optional("task").string();
  value.gate = reader.optional("gate").string();
  value.side = reader.optional("side").string();
  value.test = reader.optional("test").string();
  value.path = reader.optional("path").string();
  value.message = reader.optional("message").string();
  value.line = line_of(reader);
}

void read(const Reader& reader, StartTaskArguments& value) {
  value.uri = reader.optional("uri").string();
  value.text = reader.optional("text").string();
  value.workflow = reader.optional("workflow").string();
  value.pattern = reader.optional("pattern").string();
  value.land = reader.optional("land").string();
  value.agent = reader.optional("agent").string();
  if (const Reader range = reader.optional("range"); range.present()) value.range = range_of(range);
}

void read(const Reader& reader, TaskArguments& value) {
  value.uri = reader.optional("uri").string();
  value.task = reader.required("task").string();
  value.hint = reader.optional("hint").string();
  value.reason = reader.optional("reason").string();
  value.choice = reader.optional("choice").string();
  value.text = reader.optional("text").string();
  value.subtask = reader.optional("subtask").string();
  value.draft = reader.optional("draft").boolean();
  value.from_pull_request = reader.optional("fromPullRequest").boolean();
  const Reader plan = reader.optional("plan");
  value.plan = std::make_shared<const json>(plan.present() ? *plan.raw() : json());
}

json to_json(const Range& range) {
  const auto place = [](Position p) { return json{{"line", p.line}, {"character", p.character}}; };
  return {{"start", place(range.start)}, {"end", place(range.end)}};
}

}  // namespace baton
