// What it costs that losses, metrics, callbacks and memory strategies are in libraries opened at run time:
//
//     build/bin/dispatch_bench PLUGIN [LAYERS [STEPS]]
//
// Does all that one step asks of its components, of which none does anything, once through the plugin host
// and once in code that is linked in, in turn, and prints nanoseconds a step of both.

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "config/config.h"
#include "nothing.h"
#include "train/components.h"

namespace sift {
namespace {

constexpr int kRounds = 15;

/// What a micro-batch and its step give to components.
struct Inputs {
  at::Tensor hidden_nh = at::zeros({});
  Batch batch;
  LmHead head;
  TokenStats stats;
  std::vector<at::Tensor> weights;
  TrainerState state;
  TrainerControl control;
  LossInput loss{batch, hidden_nh, head, 1, {}};
  MetricInput metric{batch, stats, hidden_nh};
  CallbackContext context{state, control, {}, {}, {}};
  StepInfo step{weights};
};

void through_the_host(Components& components, Inputs& in, std::int64_t layers) {
  const ScopeStack scopes = components.step_scopes(in.step);
  components.each_callback([&](Callback& callback) { callback.on_step_begin(in.context); });
  for (std::int64_t index = 0; index < layers; ++index) {
    const Layer layer{index, layers, [](const at::Tensor& hidden_nh) { return hidden_nh; }};
    components.run_layer(layer, in.hidden_nh);
  }
  components.compute_loss(in.loss);
  components.compute_metrics(in.metric);
  double learning_rate = 0.0;
  components.each_callback(
      [&](Callback& callback) { callback.on_pre_optimizer_step(in.context, learning_rate); });
  components.each_callback([&](Callback& callback) { callback.on_step_end(in.context); });
}

struct LinkedIn {
  bench::NoLoss loss;
  bench::NoMetric metric;
  bench::NoCallback callback;
  bench::NoStrategy strategy;
};

void linked_in(LinkedIn& components, Inputs& in, std::int64_t layers) {
  const auto scope = components.strategy.step_scope(in.step);
  components.callback.on_step_begin(in.context);
  for (std::int64_t index = 0; index < layers; ++index) {
    const Layer layer{index, layers, [](const at::Tensor& hidden_nh) { return hidden_nh; }};
    components.strategy.run_layer(layer, in.hidden_nh);
  }
  components.loss.compute(in.loss);
  std::vector<std::pair<std::string, at::Tensor>> values;
  values.emplace_back(components.metric.key(), components.metric.compute(in.metric));
  double learning_rate = 0.0;
  components.callback.on_pre_optimizer_step(in.context, learning_rate);
  components.callback.on_step_end(in.context);
}

template <class Step>
double nanoseconds(std::int64_t steps, const Step& step) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < steps; ++i) step();
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
  return taken.count() / static_cast<double>(steps);
}

void run(const std::string& plugin, std::int64_t layers, std::int64_t steps) {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "dispatch_bench.toml";
  std::ofstream(file) << fmt::format(
      "[model]\npath = \"none\"\n[data]\ntrain = \"none.jsonl\"\n[train]\noutput_dir = \"none\"\n"
      "[loss]\nplugin = \"no_loss\"\n[[metrics]]\nplugin = \"no_metric\"\n"
      "[[callbacks]]\nplugin = \"no_callback\"\n[[memory]]\nplugin = \"no_strategy\"\n"
      "[plugins]\npaths = ['{}']\n",
      plugin);
  PluginHost host;
  Config config = load_config(file, {}, host);
  std::filesystem::remove(file);
  for (auto* kind : {&config.components.metrics, &config.components.callbacks}) {
    std::erase_if(*kind, [](const ConfiguredComponent& component) { return component.is_default; });
  }
  Components components(config.components);
  LinkedIn linked;
  Inputs in;
  double host_ns = 0.0, linked_ns = 0.0;
  std::vector<double> differences;
  for (int round = 0; round < kRounds; ++round) {
    host_ns = nanoseconds(steps, [&] { through_the_host(components, in, layers); });
    linked_ns = nanoseconds(steps, [&] { linked_in(linked, in, layers); });
    differences.push_back(host_ns - linked_ns);
  }
  std::ranges::nth_element(differences, differences.begin() + kRounds / 2);
  fmt::print(
      "{} layers: {:.0f} ns a step through the host, {:.0f} ns linked in; median difference {:.0f} ns\n",
      layers, host_ns, linked_ns, differences[kRounds / 2]);
}

}  // namespace
}  // namespace sift

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: dispatch_bench PLUGIN [LAYERS [STEPS]]\n");
    return 2;
  }
  sift::run(argv[1], argc > 2 ? std::atoll(argv[2]) : 30, argc > 3 ? std::atoll(argv[3]) : 20000);
}
