// One HTTP call, by libcurl: TLS verified, the caller's proxies and certificates, limits on time and size. A redirect is followed to
// the same host alone, so that no header reaches another one. Blocks until answered, stopped or out of time; worker threads.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "support/process.h"
#include "support/result.h"

namespace baton {

struct HttpRequest {
  std::string method = "GET", url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Environment env;  // whose proxies (`https_proxy`, `no_proxy`) and certificates (`SSL_CERT_FILE`, `CURL_CA_BUNDLE`) hold
  std::chrono::milliseconds connect_limit{std::chrono::seconds(5)}, limit{std::chrono::seconds(30)};
  std::size_t max_answer = 8u << 20;  // bytes
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::optional<std::chrono::seconds> retry_after;

  std::string header(const std::string& name) const;
};

// Any answer, whatever its status; an error where there is none (io; precondition for a redirect that is not followed; cancelled), in
// one sentence that names the host and no more of the address.
Result<HttpAnswer> http_call(const HttpRequest& request, std::stop_token stop = {});

// What a path or query of an address may hold.
std::string url_escaped(std::string_view text);

}  // namespace baton
