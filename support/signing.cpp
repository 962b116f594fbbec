#include "support/signing.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "support/files.h"
#include "support/hash.h"
#include "support/os_error.h"

namespace baton {
namespace {

constexpr std::uint64_t kMaxKeyFile = 64 << 10;

std::shared_ptr<EVP_PKEY> owned(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

Memory memory_of(std::string_view text) { return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free}; }

std::string text_of(const Memory& memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// Under its name in one step, and only where nothing has that name.
Status keep_new(const std::filesystem::path& file, std::string_view pem) {
  if (auto made = make_folder(file.parent_path(), 0700); !made) return made;
  auto aside = TemporaryFolder::make(file.parent_path(), ".key-");
  if (!aside) return aside.error();
  const std::filesystem::path copy = aside->path() / "key";
  if (auto written = write_file(copy, pem, 0600); !written) return written;
  if (::link(copy.c_str(), file.c_str()) != 0 && errno != EEXIST) return os_error("write", file, errno);
  return done();
}

Result<std::string> new_key() {
  const auto key = owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const Memory memory(BIO_new(BIO_s_mem()), BIO_free);
  if (!key || PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return Error{ErrorKind::internal, "OpenSSL makes no Ed25519 key here; evidence cannot be signed."};
  return text_of(memory);
}

}  // namespace

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  const auto key = owned(PEM_read_bio_PUBKEY(memory_of(pem).get(), nullptr, nullptr, nullptr));
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519)
    return Error{ErrorKind::usage, "This is no Ed25519 public key in PEM; `baton evidence key` prints one."};
  return PublicKey(key);
}

bool PublicKey::verifies(std::string_view bytes, std::string_view signature) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == 1;
}

std::string PublicKey::pem() const {
  const Memory memory(BIO_new(BIO_s_mem()), BIO_free);
  if (PEM_write_bio_PUBKEY(memory.get(), key_.get()) != 1) std::abort();  // out of memory
  return text_of(memory);
}

std::string PublicKey::id() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  if (size <= 0) std::abort();  // out of memory
  std::string id = sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return id;
}

Result<SigningKey> SigningKey::of_file(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    const auto pem = new_key();
    if (!pem) return pem.error();
    if (auto kept = keep_new(file, *pem); !kept) return kept.error();
  }
  const auto pem = read_file(file, kMaxKeyFile);
  if (!pem) return pem.error();
  const auto key = owned(PEM_read_bio_PrivateKey(memory_of(*pem).get(), nullptr, nullptr, nullptr));
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519)
    return Error{ErrorKind::precondition, file.string() + " holds no Ed25519 key; move it away, and a new one is made."};
  return SigningKey(key);
}

std::string SigningKey::sign(std::string_view bytes) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::array<unsigned char, 64> signature{};
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) != 1)
    std::abort();  // out of memory
  return {reinterpret_cast<const char*>(signature.data()), size};
}

}  // namespace baton
