#include "formats/pickle.h"

#include <fmt/format.h>

#include <sift/error.h>
#include "formats/pickle_graph.h"

namespace sift {

PickleValue::PickleValue(std::shared_ptr<const PickleGraph> graph, std::uint32_t node, std::string path)
    : graph_(std::move(graph)), node_(node), path_(std::move(path)) {}

void PickleValue::fail(const char* expected) const {
  constexpr const char* kKinds[] = {"None",   "a boolean", "an integer",          "a float",   "text",
                                    "a list", "a dict",    "the name of a class", "a storage", "a tensor"};
  static_assert(std::size(kKinds) == std::variant_size_v<PickleNode>);
  throw Error(fmt::format("{}: found {}, expected {}; the file is damaged or belongs to another kind of run",
                          path_, kKinds[graph_->nodes[node_].index()], expected));
}

bool PickleValue::is_tensor() const {
  return std::holds_alternative<PickleTensorRef>(graph_->nodes[node_]);
}

std::int64_t PickleValue::to_int() const {
  const auto* value = std::get_if<std::int64_t>(&graph_->nodes[node_]);
  if (value == nullptr) fail("an integer");
  return *value;
}

double PickleValue::to_double() const {
  if (const auto* value = std::get_if<double>(&graph_->nodes[node_])) return *value;
  const auto* value = std::get_if<std::int64_t>(&graph_->nodes[node_]);
  if (value == nullptr) fail("a number");
  return static_cast<double>(*value);
}

bool PickleValue::to_bool() const {
  const auto* value = std::get_if<bool>(&graph_->nodes[node_]);
  if (value == nullptr) fail("a boolean");
  return *value;
}

const PickledTensor& PickleValue::to_tensor() const {
  const auto* value = std::get_if<PickleTensorRef>(&graph_->nodes[node_]);
  if (value == nullptr) fail("a tensor");
  return graph_->tensors[value->index];
}

bool PickleValue::has(std::string_view key) const {
  const auto* dict = std::get_if<PickleDict>(&graph_->nodes[node_]);
  if (dict == nullptr) fail("a dict");
  for (const auto& entry : dict->entries) {
    const auto* name = std::get_if<std::string>(&graph_->nodes[entry.first]);
    if (name != nullptr && *name == key) return true;
  }
  return false;
}

PickleValue PickleValue::at(std::string_view key) const {
  if (!has(key)) {
    throw Error(fmt::format("{}: has no '{}'; the file is damaged or belongs to another kind of run", path_,
                            std::string(key)));
  }
  const auto& entries = std::get<PickleDict>(graph_->nodes[node_]).entries;
  for (auto entry = entries.rbegin();; ++entry) {  // the last of equal keys counts
    const auto* name = std::get_if<std::string>(&graph_->nodes[entry->first]);
    if (name != nullptr && *name == key) return {graph_, entry->second, fmt::format("{}['{}']", path_, key)};
  }
}

std::vector<std::pair<std::int64_t, PickleValue>> PickleValue::by_number() const {
  const auto* dict = std::get_if<PickleDict>(&graph_->nodes[node_]);
  if (dict == nullptr) fail("a dict");
  std::vector<std::pair<std::int64_t, PickleValue>> values;
  for (const auto& [key, value] : dict->entries) {
    const std::int64_t number = PickleValue(graph_, key, path_ + " (a key)").to_int();
    values.emplace_back(number, PickleValue(graph_, value, fmt::format("{}[{}]", path_, number)));
  }
  return values;
}

std::vector<PickleValue> PickleValue::items() const {
  const auto* sequence = std::get_if<PickleSequence>(&graph_->nodes[node_]);
  if (sequence == nullptr) fail("a list");
  std::vector<PickleValue> values;
  for (const std::uint32_t item : sequence->items) {
    values.emplace_back(graph_, item, fmt::format("{}[{}]", path_, values.size()));
  }
  return values;
}

}  // namespace sift
