#include "orchestrator/yaml.h"

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <string>

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxYaml = 1u << 20;
constexpr int kMaxYamlDepth = 40;
constexpr int kMaxNodes = 50'000;

struct TooLarge {};

// What `<<` brings in counts where the mapping itself says nothing.
void merge(json& object, const json& others) {
  if (others.is_array()) {
    for (const json& other : others) merge(object, other);
  } else if (others.is_object()) {
    for (const auto& [key, value] : others.items()) {
      if (!object.contains(key)) object[key] = value;
    }
  }
}

json convert(const YAML::Node& node, int depth, int& nodes) {
  if (depth > kMaxYamlDepth || ++nodes > kMaxNodes) throw TooLarge{};
  switch (node.Type()) {
    case YAML::NodeType::Scalar: return node.Scalar();
    case YAML::NodeType::Sequence: {
      json list = json::array();
      for (const YAML::Node& item : node) list.push_back(convert(item, depth + 1, nodes));
      return list;
    }
    case YAML::NodeType::Map: {
      json object = json::object();
      json merged;
      for (const auto& entry : node) {
        if (!entry.first.IsScalar()) continue;
        json value = convert(entry.second, depth + 1, nodes);
        if (entry.first.Scalar() == "<<") {
          merged = std::move(value);
        } else {
          object[entry.first.Scalar()] = std::move(value);
        }
      }
      merge(object, merged);
      return object;
    }
    default: return nullptr;
  }
}

}  // namespace

Result<json> parse_yaml(std::string_view text) {
  if (text.size() > kMaxYaml) return Error{ErrorKind::usage, "The YAML is larger than 1 MiB, which is more than is read."};
  try {
    int nodes = 0;
    return convert(YAML::Load(std::string(text)), 0, nodes);
  } catch (const TooLarge&) {
    return Error{ErrorKind::usage, "The YAML is nested too deeply or grows too large; write it out with fewer aliases."};
  } catch (const YAML::Exception& problem) {
    return Error{ErrorKind::usage, "The YAML does not parse: line " + std::to_string(problem.mark.line + 1) + ": " + problem.msg + "."};
  }
}

}  // namespace baton
