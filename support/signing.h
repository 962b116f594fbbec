// Ed25519 signatures (RFC 8032), by OpenSSL. A key's id is the SHA-256 of its public half in DER (SubjectPublicKeyInfo). Any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "support/result.h"

struct evp_pkey_st;

namespace baton {

class PublicKey {
 public:
  static Result<PublicKey> from_pem(std::string_view pem);
  bool verifies(std::string_view bytes, std::string_view signature) const;
  std::string pem() const;
  std::string id() const;

 private:
  friend class SigningKey;
  explicit PublicKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

class SigningKey {
 public:
  // The key in `file` (PEM, mode 0600), made when there is none. Of two processes that make it at once one wins, for both.
  static Result<SigningKey> of_file(const std::filesystem::path& file);
  std::string sign(std::string_view bytes) const;  // 64 bytes
  PublicKey public_half() const { return PublicKey(key_); }

 private:
  explicit SigningKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace baton
