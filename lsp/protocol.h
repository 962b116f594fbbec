// The parameters of the protocol that we read, as values: only what we use. Each is read by `read(reader, value)`. Io thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lsp/message.h"
#include "lsp/position.h"
#include "lsp/reader.h"

namespace baton {

struct NoParams {};
struct AnyParams {  // looked at by the handler itself
  Json json;
};
struct Folder {
  std::string uri, name;
};
struct InitializeParams {
  std::optional<std::int64_t> process_id;
  std::vector<Folder> folders;  // workspaceFolders, else rootUri, else rootPath
  std::string trace;
  Json whole;                    // for the client's profile
};
struct CancelParams {
  RequestId id;
};
struct SetTraceParams {
  std::string value;
};
struct CancelProgressParams {
  std::string token;  // JSON text
};
struct FoldersChangedParams {
  std::vector<Folder> added, removed;
};

struct DidOpenParams {
  std::string uri, language, text;
  std::int64_t version = 0;
};
struct TextChange {
  std::optional<Range> range;  // absent: the whole text
  std::string text;
};
struct DidChangeParams {
  std::string uri;
  std::int64_t version = 0;
  std::vector<TextChange> changes;
};
struct DidCloseParams {
  std::string uri;
};
struct DidSaveParams {
  std::string uri;
};

struct CodeActionParams {
  std::string uri;
  Range range;
  std::vector<Json> diagnostics;
  std::vector<std::string> only;
};
struct CodeLensParams {
  std::string uri;
};
struct ExecuteCommandParams {
  std::string command;
  Json argument;               // the one object, or JSON null
  std::string progress_token;  // JSON text; empty when none
};

// Arguments of our own commands.
struct VerifyArguments {
  std::string uri, base, head;
  std::vector<std::string> gates, criteria;
  bool quick = false, fresh = false, red_green = false;
  int mutants = 0;       // seconds
  bool unasked = false;  // by a save: nobody is asked anything, and good news is no message. Not the client's to say
};
struct PlaceArguments {  // which repository: a document in it, or none
  std::string uri;
};
struct TrustArguments {
  std::string uri;
  std::string digest;   // what the user was shown; empty: whatever would run
  bool verify = false;  // and verify at once
};
struct AcceptArguments {
  std::string uri, task, gate, test, path, message, reason;
  int line = 0;
  bool withdraw = false;
};
struct ShowKnownArguments {
  std::string uri;
  std::optional<bool> show;  // absent: the other way round
};
struct EvidenceArguments {
  std::string uri, task, gate, side, test;
  std::string path, message;  // of a finding
  int line = 0;
};

struct StartTaskArguments {
  std::string uri, text, workflow, pattern, land, agent;
  std::optional<Range> range;  // of the document: the text that tells the task
};
struct TaskArguments {
  std::string uri, task, hint, reason, choice, text, subtask;
  bool draft = false, from_pull_request = false;
  Json plan;  // as it was edited; JSON null: as it is
};

void read(const Reader& reader, NoParams& value);
void read(const Reader& reader, AnyParams& value);
void read(const Reader& reader, InitializeParams& value);
void read(const Reader& reader, CancelParams& value);
void read(const Reader& reader, SetTraceParams& value);
void read(const Reader& reader, CancelProgressParams& value);
void read(const Reader& reader, FoldersChangedParams& value);
void read(const Reader& reader, DidOpenParams& value);
void read(const Reader& reader, DidChangeParams& value);
void read(const Reader& reader, DidCloseParams& value);
void read(const Reader& reader, DidSaveParams& value);
void read(const Reader& reader, CodeActionParams& value);
void read(const Reader& reader, CodeLensParams& value);
void read(const Reader& reader, AcceptArguments& value);
void read(const Reader& reader, ShowKnownArguments& value);
void read(const Reader& reader, ExecuteCommandParams& value);
void read(const Reader& reader, VerifyArguments& value);
void read(const Reader& reader, PlaceArguments& value);
void read(const Reader& reader, TrustArguments& value);
void read(const Reader& reader, EvidenceArguments& value);
void read(const Reader& reader, StartTaskArguments& value);
void read(const Reader& reader, TaskArguments& value);

nlohmann::json to_json(const Range& range);

}  // namespace baton
