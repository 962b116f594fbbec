// The diagnostics of one repository: the marks of its last verdicts, each gate's from the last that ran it, kept on their lines
// while the user types, and the open question of trust. Publishes through the client; every file that loses its diagnostics gets an
// empty list. Io thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
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
  std::string verification;
  std::vector<Marked> files;
  bool whole = true;               // it is about all gates; else the marks of those that it did not run stay
  std::vector<std::string> gates;  // that it ran
};

class Board {
 public:
  Board(Desk& desk, Lane& lane) : desk_(desk), lane_(lane) {}

  void show(const Marking& marking);
  void renew(const Marking& marking);  // the same verdict, told anew
  bool tells_of(const std::string& verification) const;  // some gate's marks are from it
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
    std::vector<Layer> layers;  // one a verification; more than one only after some of the gates were run again
    bool waiting = false;       // a new placing is on its way
  };

  const std::string& teller_of(const std::string& gate) const;
  std::set<std::string> drop(const std::string& verification);
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
  std::string whole_;                         // the last verification that was about all gates
  std::map<std::string, std::string> later_;  // gate -> the verification that ran it since; without a gate: what is no gate's
  std::map<std::string, std::string> published_;  // path -> URI that has diagnostics of ours
  std::string question_path_, question_;
  std::map<std::string, std::vector<Finding>> remarks_;  // by path
};

}  // namespace baton
