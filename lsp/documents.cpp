#include "lsp/documents.h"

#include "lsp/uri.h"

namespace baton {

const std::shared_ptr<const std::string>& Document::text() const {
  if (!text_ || text_of_ != change) {
    text_ = std::make_shared<const std::string>(store.text());
    text_of_ = change;
  }
  return text_;
}

const Document* Documents::find(std::string_view uri) const {
  const auto spelled = spellings_.find(uri);
  const auto found = documents_.find(spelled == spellings_.end() ? normal_uri(uri) : spelled->second);
  return found == documents_.end() ? nullptr : &found->second;
}

Document* Documents::known(std::string_view uri) {
  return const_cast<Document*>(find(uri));
}

const Document* Documents::find_path(std::string_view path) const { return find(uri_of_path(path)); }

std::string Documents::open(DidOpenParams params) {
  const Document* before = find(params.uri);
  const bool twice = before && before->in_step;
  Document document;
  document.path = path_of_uri(params.uri).value_or("");
  document.version = params.version;
  document.store = TextStore(params.text);
  document.in_step = !twice;
  document.change = ++changes_;
  document.uri = params.uri;
  if (before) spellings_.erase(before->uri);
  spellings_[params.uri] = normal_uri(params.uri);
  documents_.insert_or_assign(normal_uri(params.uri), std::move(document));
  return twice ? params.uri + " was opened twice; it is out of step until it is opened again" : std::string();
}

std::string Documents::change(const DidChangeParams& params) {
  Document* document = known(params.uri);
  if (!document) return params.uri + " was changed and is not open";
  if (!document->in_step) return {};
  const auto lose = [&](std::string why) {
    document->in_step = false;
    return params.uri + why + "; it is out of step until it is opened again";
  };
  if (params.version < document->version) return lose(" went back to version " + std::to_string(params.version));
  document->version = params.version;
  document->touched = true;
  document->change = ++changes_;
  for (const TextChange& change : params.changes) {
    if (!change.range) {
      document->store = TextStore(change.text);
      continue;
    }
    if (change.range->end < change.range->start) return lose(" was changed at a range that ends before it begins");
    const std::size_t begin = document->store.offset_of(change.range->start, encoding_);
    // Typing has no range to speak of, and a place in a long text is costly to find.
    const bool empty = !(change.range->start < change.range->end);
    const std::size_t end = empty ? begin : document->store.offset_of(change.range->end, encoding_);
    document->store.replace(begin, end, change.text);
  }
  return {};
}

std::string Documents::save(const DidSaveParams& params) {
  Document* document = known(params.uri);
  if (!document) return params.uri + " was saved and is not open";
  document->touched = false;
  document->stood = true;
  return {};
}

std::string Documents::close(const DidCloseParams& params) {
  const Document* document = find(params.uri);
  if (!document) return params.uri + " was closed and is not open";
  spellings_.erase(document->uri);
  documents_.erase(normal_uri(params.uri));
  return {};
}

void Documents::saw_file(std::string_view uri) {
  if (Document* document = known(uri)) document->stood = true;
}

void Documents::lose_step(std::string_view uri) {
  if (Document* document = known(uri)) document->in_step = false;
}

std::size_t Documents::bytes() const {
  std::size_t bytes = 0;
  for (const auto& [key, document] : documents_) bytes += document.store.size();
  return bytes;
}

}  // namespace baton
