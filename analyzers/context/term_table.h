// Words by number: a word is kept once, and everything else holds numbers. One value per thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace baton {

using Term = std::uint32_t;

class TermTable {
 public:
  TermTable() = default;
  TermTable(TermTable&&) = default;
  TermTable& operator=(TermTable&&) = default;
  TermTable(const TermTable&) = delete;

  Term add(std::string_view text) {
    if (const auto known = ids_.find(text); known != ids_.end()) return known->second;
    const auto id = static_cast<Term>(texts_.size());
    ids_.emplace(texts_.emplace_back(text), id);
    return id;
  }
  std::optional<Term> find(std::string_view text) const {
    const auto known = ids_.find(text);
    return known == ids_.end() ? std::nullopt : std::optional(known->second);
  }
  const std::string& text(Term term) const { return texts_[term]; }
  std::size_t size() const { return texts_.size(); }

 private:
  std::deque<std::string> texts_;  // never moves a text, so that the views stay
  std::unordered_map<std::string_view, Term> ids_;
};

}  // namespace baton
