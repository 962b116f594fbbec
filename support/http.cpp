#include "support/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace baton {
namespace {

constexpr int kMaxRedirects = 3;

// scheme://host:port, as libcurl reads it.
std::string origin_of(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)> parsed(::curl_url(), ::curl_url_cleanup);
  if (!parsed || ::curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
  std::string origin;
  for (const auto& [part, flags] : {std::pair(CURLUPART_SCHEME, 0u), {CURLUPART_HOST, 0u}, {CURLUPART_PORT, static_cast<unsigned>(CURLU_DEFAULT_PORT)}}) {
    char* text = nullptr;
    if (::curl_url_get(parsed.get(), part, &text, flags) != CURLUE_OK) return {};
    origin += (origin.empty() ? "" : part == CURLUPART_HOST ? "://" : ":") + std::string(text);
    ::curl_free(text);
  }
  return origin;
}

std::string host_of(const std::string& url) {
  const std::string origin = origin_of(url);
  const auto start = origin.find("://"), colon = origin.rfind(':');
  return origin.empty() ? "the address" : origin.substr(start + 3, colon - start - 3);
}

// Where a redirect leads, made whole.
std::string resolved(const std::string& from, const std::string& location) {
  const std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)> parsed(::curl_url(), ::curl_url_cleanup);
  char* text = nullptr;
  if (!parsed || ::curl_url_set(parsed.get(), CURLUPART_URL, from.c_str(), 0) != CURLUE_OK ||
      ::curl_url_set(parsed.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK || ::curl_url_get(parsed.get(), CURLUPART_URL, &text, 0) != CURLUE_OK)
    return {};
  std::string whole = text;
  ::curl_free(text);
  return whole;
}

struct Receiving {
  HttpAnswer answer;
  std::size_t max_answer;
  bool too_long = false;
  std::stop_token stop;

  static std::size_t on_bytes(char* bytes, std::size_t, std::size_t count, void* self) {
    auto* receiving = static_cast<Receiving*>(self);
    receiving->too_long = receiving->answer.body.size() + count > receiving->max_answer;
    if (receiving->too_long) return 0;
    receiving->answer.body.append(bytes, count);
    return count;
  }
  static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& headers = static_cast<Receiving*>(self)->answer.headers;
    std::string_view line(bytes, count);
    if (line.starts_with("HTTP/")) headers.clear();  // after a 100 Continue or a proxy's answer
    const auto colon = line.find(':');
    if (colon == line.npos) return count;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && std::isspace(static_cast<unsigned char>(value.front()))) value.remove_prefix(1);
    while (!value.empty() && std::isspace(static_cast<unsigned char>(value.back()))) value.remove_suffix(1);
    headers[name] = value;
    return count;
  }
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) { return static_cast<Receiving*>(self)->stop.stop_requested() ? 1 : 0; }
};

std::string value_of(const Environment& env, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (auto value = get(env, name); value && !value->empty()) return *value;
  }
  return {};
}

// The proxy of the caller, and not that of our own process, which may have been started by somebody else.
void use_environment(CURL* curl, const HttpRequest& request) {
  const bool tls = request.url.starts_with("https:");
  const std::string proxy = tls ? value_of(request.env, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) : value_of(request.env, {"http_proxy", "all_proxy", "ALL_PROXY"});
  ::curl_easy_setopt(curl, CURLOPT_PROXY, proxy.c_str());
  ::curl_easy_setopt(curl, CURLOPT_NOPROXY, value_of(request.env, {"no_proxy", "NO_PROXY"}).c_str());
  if (const std::string file = value_of(request.env, {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}); !file.empty()) ::curl_easy_setopt(curl, CURLOPT_CAINFO, file.c_str());
}

void use_method(CURL* curl, const HttpRequest& request) {
  if (request.method == "GET") return;
  ::curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  ::curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
  ::curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
}

Error failure(CURLcode code, const char* said, const Receiving& receiving, const std::string& url) {
  const std::string host = host_of(url), why = said[0] ? said : ::curl_easy_strerror(code);
  if (receiving.stop.stop_requested()) return {ErrorKind::cancelled, "Cancelled while " + host + " was asked."};
  if (receiving.too_long) return {ErrorKind::io, host + " answers with more than " + std::to_string(receiving.max_answer >> 20) + " MiB, which is not read."};
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return {ErrorKind::io, "The host " + host + " is not found; see whether its name is right and the network is there."};
    case CURLE_COULDNT_CONNECT: return {ErrorKind::io, host + " takes no connection (" + why + "); see whether it runs and is reached from here."};
    case CURLE_OPERATION_TIMEDOUT: return {ErrorKind::io, host + " did not answer in time; try again later."};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return {ErrorKind::io, "The certificate of " + host + " is not trusted (" + why + "); name your own authority's file in SSL_CERT_FILE."};
    default: return {ErrorKind::io, "The call to " + host + " failed: " + why + "."};
  }
}

Result<HttpAnswer> call_once(const HttpRequest& request, const std::stop_token& stop) {
  const std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)> curl(::curl_easy_init(), ::curl_easy_cleanup);
  if (!curl) return Error{ErrorKind::internal, "No HTTP call could be prepared."};
  Receiving receiving{{}, request.max_answer, false, stop};
  curl_slist* headers = ::curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) headers = ::curl_slist_append(headers, (name + ": " + value).c_str());
  const std::unique_ptr<curl_slist, decltype(&::curl_slist_free_all)> kept(headers, ::curl_slist_free_all);
  char said[CURL_ERROR_SIZE] = {};
  ::curl_easy_setopt(curl.get(), CURLOPT_URL, request.url.c_str());
  ::curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers);
  ::curl_easy_setopt(curl.get(), CURLOPT_ACCEPT_ENCODING, "");
  ::curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_limit.count()));
  ::curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(request.limit.count()));
  ::curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, said);
  ::curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Receiving::on_bytes);
  ::curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &receiving);
  ::curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, Receiving::on_header);
  ::curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &receiving);
  ::curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  ::curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, Receiving::on_progress);
  ::curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &receiving);
  use_environment(curl.get(), request);
  use_method(curl.get(), request);
  if (const CURLcode code = ::curl_easy_perform(curl.get()); code != CURLE_OK) return failure(code, said, receiving, request.url);
  long status = 0;
  ::curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  receiving.answer.status = static_cast<int>(status);
  curl_off_t wait = 0;
  if (::curl_easy_getinfo(curl.get(), CURLINFO_RETRY_AFTER, &wait) == CURLE_OK && wait > 0) receiving.answer.retry_after = std::chrono::seconds(wait);
  return std::move(receiving.answer);
}

bool is_redirect(int status) { return status == 301 || status == 302 || status == 307 || status == 308; }

}  // namespace

std::string HttpAnswer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

Result<HttpAnswer> http_call(const HttpRequest& request, std::stop_token stop) {
  HttpRequest asked = request;
  for (int redirects = 0;; ++redirects) {
    auto answer = call_once(asked, stop);
    if (!answer || !is_redirect(answer->status)) return answer;
    const std::string to = resolved(asked.url, answer->header("location"));
    if (to.empty() || origin_of(to) != origin_of(request.url))
      return Error{ErrorKind::precondition, host_of(request.url) + " sends the call on to " + (to.empty() ? "nowhere" : host_of(to)) + ", which is not followed; name the right address in your configuration."};
    if (redirects == kMaxRedirects) return Error{ErrorKind::precondition, host_of(request.url) + " sends the call on and on; see whether its address is right."};
    asked.url = to;
  }
}

std::string url_escaped(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 128 && std::isalnum(byte)) || c == '-' || c == '_' || c == '.' || c == '~') out += c;
    else (out += '%') += {kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

}  // namespace baton
