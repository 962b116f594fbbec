#include "git/objects.h"

#include <charconv>

#include "git/calls.h"
#include "git/libgit2.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

std::optional<ObjectType> type_named(std::string_view name) {
  for (const ObjectType type : {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag}) {
    if (name_of(type) == name) return type;
  }
  return std::nullopt;
}

git_object_t to_libgit2(ObjectType type) {
  switch (type) {
    case ObjectType::commit:
      return GIT_OBJECT_COMMIT;
    case ObjectType::tree:
      return GIT_OBJECT_TREE;
    case ObjectType::blob:
      return GIT_OBJECT_BLOB;
    case ObjectType::tag:
      return GIT_OBJECT_TAG;
  }
  return GIT_OBJECT_INVALID;
}

class NativeObjects : public Objects {
 public:
  NativeObjects(GitOdb all, GitOdb here) : all_(std::move(all)), here_(std::move(here)) {}

  Result<std::optional<Object>> get(std::string_view id) override {
    git_oid oid;
    if (!parse(id, oid)) return std::optional<Object>();
    git_odb_object* found = nullptr;
    const int code = git_odb_read(&found, all_.get(), &oid);
    if (code == GIT_ENOTFOUND) return std::optional<Object>();
    if (code != 0) return Error{ErrorKind::io, "Cannot read object " + std::string(id) + ": " + libgit2_error() + "."};
    const GitOdbObject owner(found);
    const auto type = type_named(git_object_type2string(git_odb_object_type(found)));
    if (!type) return std::optional<Object>();
    return std::optional<Object>(
        Object{*type, std::string(static_cast<const char*>(git_odb_object_data(found)), git_odb_object_size(found))});
  }

  Result<std::string> put(ObjectType type, std::string_view bytes) override {
    git_oid oid;
    const git_object_t kind = to_libgit2(type);
    int code = git_odb_hash(&oid, bytes.data(), bytes.size(), kind);
    if (code == 0 && !git_odb_exists(all_.get(), &oid))
      code = git_odb_write(&oid, all_.get(), bytes.data(), bytes.size(), kind);
    if (code != 0) return Error{ErrorKind::io, "Cannot write into Baton's store: " + libgit2_error() + "."};
    char text[GIT_OID_HEXSZ + 1];
    return std::string(git_oid_tostr(text, sizeof text, &oid));
  }

  bool exists(std::string_view id) override {
    git_oid oid;
    return parse(id, oid) && git_odb_exists(all_.get(), &oid);
  }
  bool exists_here(std::string_view id) override {
    git_oid oid;
    return parse(id, oid) && git_odb_exists_ext(here_.get(), &oid, GIT_ODB_LOOKUP_NO_REFRESH);
  }
  bool native() const override { return true; }

 private:
  static bool parse(std::string_view id, git_oid& oid) {
    return id.size() == GIT_OID_HEXSZ && git_oid_fromstrn(&oid, id.data(), id.size()) == 0;
  }

  GitOdb all_, here_;
};

class CommandObjects : public Objects {
 public:
  explicit CommandObjects(fs::path git_dir) : git_dir_(std::move(git_dir)) {}

  Result<std::optional<Object>> get(std::string_view id) override {
    auto out = git_output(call({"cat-file", "--batch"}, std::string(id) + "\n"));
    if (!out) return out.error();
    // "<id> <type> <size>\n<bytes>\n", or "<id> missing\n"
    const std::size_t line = out->find('\n');
    const std::size_t first = out->find(' ');
    const std::size_t second = out->find(' ', first + 1);
    if (line == out->npos || second == out->npos || second > line) return std::optional<Object>();
    const auto type = type_named(std::string_view(*out).substr(first + 1, second - first - 1));
    std::size_t size = 0;
    std::from_chars(out->data() + second + 1, out->data() + line, size);
    if (!type || line + 1 + size > out->size()) return std::optional<Object>();
    return std::optional<Object>(Object{*type, out->substr(line + 1, size)});
  }

  Result<std::string> put(ObjectType type, std::string_view bytes) override {
    std::vector<std::string> args = {"hash-object", "-t", std::string(name_of(type)), "--no-filters", "--stdin"};
    auto id = git_output(call(args, std::string(bytes)));
    if (!id) return id;
    while (id->ends_with('\n')) id->pop_back();
    if (exists(*id)) return id;
    args.emplace_back("-w");
    if (auto written = git_output(call(args, std::string(bytes))); !written) return written;
    return id;
  }

  bool exists(std::string_view id) override {
    const auto result = run_git(call({"cat-file", "-e", std::string(id)}, ""));
    return result && result->exit_code == 0;
  }
  bool exists_here(std::string_view) override { return false; }
  bool native() const override { return false; }

 private:
  GitCall call(std::vector<std::string> args, std::string stdin_text) const {
    GitCall call = in_git_dir(git_dir_, std::move(args));
    call.stdin_text = std::move(stdin_text);
    return call;
  }

  fs::path git_dir_;
};

// The store's own objects without those it borrows.
GitOdb open_here(const fs::path& objects) {
  git_odb* odb = nullptr;
  git_odb_backend* loose = nullptr;
  git_odb_backend* packed = nullptr;
  if (git_odb_new(&odb) != 0) return nullptr;
  GitOdb owner(odb);
  if (git_odb_backend_loose(&loose, objects.c_str(), -1, 0, 0, 0) != 0 || git_odb_add_backend(odb, loose, 1) != 0 ||
      git_odb_backend_pack(&packed, objects.c_str()) != 0 || git_odb_add_backend(odb, packed, 2) != 0)
    return nullptr;
  return owner;
}

}  // namespace

std::string_view name_of(ObjectType type) {
  switch (type) {
    case ObjectType::commit:
      return "commit";
    case ObjectType::tree:
      return "tree";
    case ObjectType::blob:
      return "blob";
    case ObjectType::tag:
      return "tag";
  }
  return "";
}

Result<std::unique_ptr<Objects>> Objects::open(const fs::path& git_dir, bool sha256) {
  if (sha256) return std::unique_ptr<Objects>(std::make_unique<CommandObjects>(git_dir));
  start_libgit2();
  git_odb* odb = nullptr;
  const fs::path objects = git_dir / "objects";
  const int code = git_odb_open(&odb, objects.c_str());
  GitOdb all(odb);
  GitOdb here = code == 0 ? open_here(objects) : nullptr;
  if (!here) return Error{ErrorKind::io, "Cannot open " + objects.string() + ": " + libgit2_error() + "."};
  return std::unique_ptr<Objects>(std::make_unique<NativeObjects>(std::move(all), std::move(here)));
}

Result<Object> need(Objects& objects, std::string_view id, ObjectType type) {
  auto found = objects.get(id);
  if (!found) return found.error();
  if (!*found)
    return Error{ErrorKind::precondition,
                 "Object " + std::string(id) +
                     " is not in this repository; it may be a partial or damaged clone: run `git fsck`, "
                     "or fetch what is missing."};
  if ((*found)->type != type)
    return Error{ErrorKind::usage, std::string(id) + " is a " + std::string(name_of((*found)->type)) + ", not a " +
                                       std::string(name_of(type)) + "."};
  return std::move(**found);
}

}  // namespace baton
