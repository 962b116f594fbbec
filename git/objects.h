// Objects of the store and of the repositories that it borrows from. Two back ends behind one face: libgit2, and the
// git command for object formats that libgit2 cannot read (sha256). Blocks. One value per thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "support/result.h"

namespace baton {

enum class ObjectType { commit, tree, blob, tag };
std::string_view name_of(ObjectType type);

struct Object {
  ObjectType type = ObjectType::blob;
  std::string bytes;
};

class Objects {
 public:
  // `git_dir` is the store's. The store's alternates are read once.
  static Result<std::unique_ptr<Objects>> open(const std::filesystem::path& git_dir, bool sha256);
  virtual ~Objects() = default;

  virtual Result<std::optional<Object>> get(std::string_view id) = 0;  // absent: no such object
  // Id of the bytes; written into the store unless they are there or in a borrowed place already. A borrowed object is
  // not even touched: libgit2 and git would refresh its modification time in the user's own folder.
  virtual Result<std::string> put(ObjectType type, std::string_view bytes) = 0;
  virtual bool exists(std::string_view id) = 0;
  virtual bool exists_here(std::string_view id) = 0;  // in the store itself; may say no for what is here
  virtual bool native() const = 0;                    // no process is started per object
};

// get() of what must be there.
Result<Object> need(Objects& objects, std::string_view id, ObjectType type);

}  // namespace baton
