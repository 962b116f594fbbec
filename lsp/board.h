// The diagnostics of one repository: the marks of its last verdict, kept on their lines while the user types, and the open
// question of trust. Publishes through the client; every file that loses its diagnostics gets an empty list. Io thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "analyzers/finding.h"
#include "lsp/desk.h"
#include "lsp/mark.h"

namespace baton {

struct Lane;

// The marks of one file with its text in the judged trees; shared with the workers, so never changed once made.
struct MarkedFile {
  std::string verification;
  std::string path;  // relative to the root; absolute for a page of ours
  std::vector<Mark> marks;
  std::string base, head;
};
using Marked = std::shared_ptr<const MarkedFile>;

// What a verdict puts on the board.
struct Marking {
  std::vector<Marked> files;
  std::vector<std::string> gates;  // not empty: only these were run, the other gates' marks stay
};

class Board {
 public:
  Board(Desk& desk, Lane& lane) : desk_(desk), lane_(lane) {}

  void show(const Marking& marking);
  void clear();
  void document_changed(const std::string& path);  // its text, or whether it is open; relative to the root

  // A question that waits for the user, as an information on the first line of a document; an empty text takes it away.
  void ask(const std::string& path, const std::string& text);

  // What is wrong with primers, as they are saved; takes the place of what was told of them before.
  void remark(const std::vector<Finding>& problems);

  // Code actions for a range of a document; `given` are the diagnostics that the client sent along.
  std::vector<nlohmann::json> actions(const Document& document, const std::string& path, Range range,
                                      const std::vector<Json>& given) const;
  // The marks of a document where they stand now.
  struct Place {
    Range range;
    const Mark* mark;
    const std::string* verification;
  };
  std::vector<Place> places(const std::string& path) const;
  std::size_t bytes() const;

 private:
  struct Layer {
    Marked marked;
    std::vector<PlacedMark> placed;
  };
  struct File {
    std::vector<Layer> layers;  // one a verification; more than one only after single gates were run again
    bool waiting = false;       // a new placing is on its way
  };

  void drop_gates(const std::vector<std::string>& gates);
  void place_soon(const std::string& path);
  void place(const std::string& path);
  void placed(const std::string& path, std::uint64_t change, std::vector<Layer> layers);
  void publish(const std::string& path);
  nlohmann::json diagnostic_of(const Mark& mark, const MarkedFile& marked, const Range& range) const;
  const Document* document_of(const std::string& path) const;
  std::string uri_of(const std::string& path) const;

  Desk& desk_;
  Lane& lane_;
  std::map<std::string, File> files_;
  std::map<std::string, std::string> published_;  // path -> URI that has diagnostics of ours
  std::string question_path_, question_;
  std::map<std::string, std::vector<Finding>> remarks_;  // by path
};

}  // namespace baton
