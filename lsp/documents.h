// The documents that the editor holds open: the truth about their text, unsaved changes included. A document whose changes we
// could not follow is out of step: nothing is published for it and it is not judged until it is opened again. Io thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/position.h"
#include "lsp/protocol.h"
#include "lsp/text_store.h"

namespace baton {

struct Document {
  std::string uri;   // as the client spells it
  std::string path;  // lexically normal; empty when it is no file of this machine
  std::int64_t version = 0;
  TextStore store;
  bool in_step = true;
  bool touched = false;  // changed since it was opened or saved
  bool stood = false;    // on the disk, at some time since it was opened
  std::uint64_t change = 0;  // grows with every change of the text, over all documents

  // The whole text; made once per change and shared.
  const std::shared_ptr<const std::string>& text() const;

 private:
  mutable std::shared_ptr<const std::string> text_;
  mutable std::uint64_t text_of_ = 0;
};

class Documents {
 public:
  void use(PositionEncoding encoding) { encoding_ = encoding; }

  // Each gives a complaint for the log, empty when all is well.
  std::string open(DidOpenParams params);
  std::string change(const DidChangeParams& params);
  std::string save(const DidSaveParams& params);
  std::string close(const DidCloseParams& params);
  void saw_file(std::string_view uri);   // it is on the disk
  void lose_step(std::string_view uri);  // a change of it was lost

  const Document* find(std::string_view uri) const;
  const Document* find_path(std::string_view path) const;
  const std::map<std::string, Document>& all() const { return documents_; }
  std::size_t bytes() const;

 private:
  Document* known(std::string_view uri);

  PositionEncoding encoding_ = PositionEncoding::utf16;
  std::map<std::string, Document> documents_;                   // by normal form
  std::map<std::string, std::string, std::less<>> spellings_;  // as documents were opened -> normal form, which costs more to make
  std::uint64_t changes_ = 0;
};

}  // namespace baton
