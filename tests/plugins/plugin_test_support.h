#pragma once

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "plugin/host.h"
#include "support/temp_folder.h"

namespace sift::test {

inline void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

using OptionValues = std::map<std::string, OptionValue>;

inline const LoadedComponent& component_of(const PluginHost& host, Kind kind, const std::string& name) {
  const LoadedComponent* component = host.find(kind, name);
  if (component == nullptr) throw Error("no component " + name);
  return *component;
}

/// Options of a component with `values` set by its own OptionSpecs.
inline std::shared_ptr<void> options_of(const LoadedComponent& component, const OptionValues& values) {
  std::shared_ptr<void> options = component.make_options();
  std::size_t num_set = 0;
  for (const OptionSpec& spec : component.options) {
    const auto value = values.find(spec.key);
    if (value == values.end()) continue;
    spec.set(options.get(), checked_value(spec, value->second));
    ++num_set;
  }
  EXPECT_EQ(num_set, values.size()) << "an option of the test is not known to " << component.name;
  return options;
}

/// A component out of its plugin's .so. The host must outlive it.
template <class T, class Factory>
std::unique_ptr<T> create(const PluginHost& host, Kind kind, const std::string& name,
                          const OptionValues& values) {
  const LoadedComponent& component = component_of(host, kind, name);
  return std::get<Factory>(component.create)(options_of(component, values).get());
}

inline std::unique_ptr<Loss> create_loss(const PluginHost& host, const std::string& name,
                                         const OptionValues& values = {}) {
  return create<Loss, LossFactory>(host, Kind::kLoss, name, values);
}
inline std::unique_ptr<Metric> create_metric(const PluginHost& host, const std::string& name) {
  return create<Metric, MetricFactory>(host, Kind::kMetric, name, {});
}
inline std::unique_ptr<Callback> create_callback(const PluginHost& host, const std::string& name,
                                                 const OptionValues& values = {}) {
  return create<Callback, CallbackFactory>(host, Kind::kCallback, name, values);
}

/// The file of a real plugin, e.g. "sift_loss_nll".
inline std::filesystem::path real_plugin(const std::string& target) {
  return std::filesystem::path(SIFT_PLUGINS) / (target + ".so");
}

inline at::Tensor float_tensor(std::vector<float> values) {
  return at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())}, at::kFloat).clone();
}
inline at::Tensor int_tensor(std::vector<std::int64_t> values) {
  return at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())}, at::kLong).clone();
}

/// One document with these targets; where nothing is scored they are kIgnoreIndex.
inline Batch make_batch(const std::vector<std::int64_t>& targets) {
  Batch batch;
  std::vector<std::int64_t> scored;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets[i] != kIgnoreIndex) scored.push_back(static_cast<std::int64_t>(i));
  }
  batch.targets_n = int_tensor(targets);
  batch.scored_m = int_tensor(scored);
  batch.document_starts = {0, static_cast<std::int64_t>(targets.size())};
  batch.num_rows = 1;
  return batch;
}

/// Where a callback stands in a run, without a run.
struct FakeRun {
  TrainerState state;
  TrainerControl control;

  explicit FakeRun(std::int64_t max_steps) { state.max_steps = max_steps; }
  CallbackContext context(const std::filesystem::path& output_dir = {}) {
    return {state, control, output_dir, {}, {}};
  }
};

}  // namespace sift::test
