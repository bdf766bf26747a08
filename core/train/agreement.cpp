#include "train/agreement.h"

#include <ATen/ops/tensor.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include <sift/error.h>
#include "checkpoint/rng_state.h"
#include "data/content_hash.h"

namespace sift {
namespace {

/// The ranks whose text differs from that of the main process.
std::vector<std::int64_t> others(const std::vector<nlohmann::json>& texts, std::size_t part) {
  std::vector<std::int64_t> ranks;
  for (std::size_t rank = 1; rank < texts.size(); ++rank)
    if (part >= texts[rank].size() || texts[rank][part] != texts[0][part])
      ranks.push_back(static_cast<std::int64_t>(rank));
  return ranks;
}

}  // namespace

double of_main(double value, Parallel& parallel) {
  if (parallel.is_alone()) return value;
  return parallel.gathered(at::tensor({value}, at::kDouble))[0].item<double>();
}

std::vector<NamedTensor> rng_states_of_others(at::Device device, Parallel& parallel) {
  std::vector<NamedTensor> others;
  if (parallel.is_alone()) return others;
  for (const auto& [name, state] : rng_states(device)) {
    const at::Tensor all = parallel.gathered(state);
    for (std::int64_t rank = 1; rank < parallel.size(); ++rank)
      others.push_back({rng_state_name(name, rank), all[rank].clone()});
  }
  return others;
}

std::vector<Commonality> plugins_of(const ConfiguredComponents& components) {
  std::set<std::filesystem::path> files;
  const auto add = [&](const ConfiguredComponent& configured) {
    if (configured.component != nullptr) files.insert(configured.component->file);
  };
  add(components.loss);
  add(components.optimizer);
  for (const auto* several : {&components.metrics, &components.callbacks, &components.memory})
    std::ranges::for_each(*several, add);
  std::vector<Commonality> parts;
  for (const auto& file : files)
    parts.push_back({fmt::format("the plugin {}", file.filename().string()), content_hash_of_file(file)});
  return parts;
}

void check_equal(const std::vector<Commonality>& parts, Parallel& parallel) {
  nlohmann::json own = nlohmann::json::array();
  for (const Commonality& part : parts) own.push_back(part.value);
  std::vector<nlohmann::json> texts;
  for (const std::string& text : parallel.gathered(own.dump())) texts.push_back(nlohmann::json::parse(text));
  std::vector<std::string> differences;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    const auto ranks = others(texts, part);
    if (!ranks.empty())
      differences.push_back(fmt::format("{} of rank {}", parts[part].name, fmt::join(ranks, ", ")));
  }
  if (differences.empty()) return;
  throw Error(fmt::format(
      "the processes of this run would train differently: {} differs from that of rank 0; give all "
      "processes the same files and options",
      fmt::join(differences, "; ")));
}

}  // namespace sift
