// What the readers of fixes share: paths of the tool's view become the commit's, files are read once, findings come out once, in
// order, with ids that are stable. Private to the readers.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/agents/fix_readers.h"
#include "orchestrator/agents/text_places.h"

namespace baton {

class FixCollector {
 public:
  FixCollector(std::string tool, const FixSource& source) : tool_(std::move(tool)), source_(source) {}

  // A file of the commit by the name that the tool has for it; null: it is none.
  const TextPlaces* file(std::string_view named, std::string& path);

  // A finding at a byte of a file; `edits` by path. Reported again (a header by each file that includes it) it counts once.
  void add(std::string check, std::string path, const TextPlaces& file, std::size_t byte, std::string message, std::vector<FixEdit> edits);

  std::vector<Fix> take();

 private:
  struct Entry {
    Fix fix;
    std::size_t byte;
    int column;
  };

  std::string tool_;
  const FixSource& source_;
  std::map<std::string, std::unique_ptr<TextPlaces>, std::less<>> files_;  // null: no file of the commit
  std::map<std::string, std::string, std::less<>> names_;                  // as the tool says -> path
  std::vector<Entry> entries_;
};

}  // namespace baton
