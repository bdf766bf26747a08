// What the memory strategies save and cost on a model of the shape of SmolLM2-135M with random weights:
//
//     OMP_NUM_THREADS=1 build/bin/memory_bench FOLDER_FOR_OFFLOAD [STEPS]
//
// Each strategy is measured in a process of its own, because the peak of a process never falls.

#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/sections.h"
#include "device/caching_allocator.h"
#include "model/decoder/decoder.h"
#include "optim/gradients.h"
#include "optim/optimizer_state.h"
#include "optim/parameter_groups.h"
#include "train/components.h"
#include "train/forward.h"

namespace sift {
namespace {

constexpr int kRows = 8;
constexpr int kTokens = 256;  // of a row

ModelConfig smollm2_135m() {
  return ModelConfig::from_json(nlohmann::ordered_json::parse(R"({
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 49152, "hidden_size": 576,
    "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3,
    "max_position_embeddings": 8192, "rms_norm_eps": 1e-05, "hidden_act": "silu", "tie_word_embeddings": true,
    "bos_token_id": 1, "eos_token_id": 2, "initializer_range": 0.041666666666666664, "rope_theta": 100000.0
  })"),
                                "SmolLM2-135M");
}

struct Setup {
  std::string name;
  bool checkpointing, selective, offload;
};
const std::vector<Setup>& setups() {
  static const std::vector<Setup> all = {{"none", false, false, false},
                                         {"gradient_checkpointing", true, false, false},
                                         {"gradient_checkpointing, selective", true, true, false},
                                         {"activation_offload to a disk", false, false, true},
                                         {"both", true, false, true},
                                         {"both, selective", true, true, true}};
  return all;
}

ConfiguredComponent configured(const PluginHost& host, Kind kind, const std::string& name,
                               const std::vector<std::pair<std::string, OptionValue>>& values) {
  ConfiguredComponent made{host.find(kind, name), nullptr};
  made.options = made.component->make_options();
  for (const OptionSpec& spec : made.component->options) {
    for (const auto& [key, value] : values) {
      if (key == spec.key) spec.set(made.options.get(), value);
    }
  }
  return made;
}

Batch random_batch() {
  Batch batch;
  constexpr std::int64_t kAll = kRows * kTokens;
  batch.input_ids_n = at::randint(49152, {kAll}, at::kLong);
  batch.targets_n = at::randint(49152, {kAll}, at::kLong);
  batch.position_ids_n = at::arange(kTokens, at::kLong).repeat({kRows});
  batch.scored_m = at::arange(kAll, at::kLong);
  for (std::int64_t row = 0; row <= kRows; ++row) batch.document_starts.push_back(row * kTokens);
  batch.cu_seqlens_s = at::tensor(batch.document_starts, at::kLong).to(at::kInt);
  batch.max_seqlen = kTokens;
  batch.num_rows = kRows;
  return batch;
}

double megabytes_of(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    double kilobytes = 0;
    if (word == key && status >> kilobytes) return kilobytes / 1024;
  }
  return 0;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

void measure(const Setup& setup, const std::string& folder, int num_steps) {
  PluginHost host;
  for (const auto& plugins : default_plugin_folders()) host.load_folder(plugins, false);
  const TrainOptions options;
  ConfiguredComponents chosen;
  chosen.loss = configured(host, Kind::kLoss, "nll", {});
  chosen.optimizer = configured(host, Kind::kOptimizer, options.optim, {});
  if (setup.checkpointing) {
    chosen.memory.push_back(
        configured(host, Kind::kMemory, "gradient_checkpointing", {{"selective", setup.selective}}));
  }
  if (setup.offload) {
    chosen.memory.push_back(configured(host, Kind::kMemory, "activation_offload",
                                       {{"target", std::string("disk")}, {"folder", folder}}));
  }
  Components components(chosen);
  at::manual_seed(1);
  const Decoder model = Decoder::random(smollm2_135m(), 1, at::kFloat, at::kCPU);
  std::vector<at::Tensor> weights;
  for (const Parameter& parameter : model.parameters()) weights.push_back(parameter.tensor);
  components.make_optimizer({parameter_groups(model.trainable(), options.weight_decay)});
  for (const auto& group : OptimizerState::of(components.optimizer()).groups) {
    for (const auto& parameter : group.parameters) {
      for (const auto& [name, tensor] : parameter) tensor.zero_();  // or its pages come with the first update
    }
  }
  const Batch batch = random_batch();
  SingleProcess parallel;

  double loss_sum = 0;
  const double cpu_before = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  for (int step = 0; step < num_steps; ++step) {
    const ScopeStack scopes = components.step_scopes({weights});
    const ForwardOutput output =
        forward(model, components, parallel, batch, {.num_items = batch.num_scored()});
    output.loss.backward();
    loss_sum += output.loss.item().toDouble();
    components.update_weights({1e-4, at::ones({}), {}});
    zero_grad(model.trainable());
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const double cpu = (cpu_seconds() - cpu_before) / num_steps;
  // weights and the two means of AdamW are there whatever the strategy is
  const double fixed = 3.0 * static_cast<double>(model.num_parameters()) * sizeof(float) / (1 << 20);
  const double peak = megabytes_of("VmHWM:");
  fmt::print("| {} | {:.0f} | {:.0f} | {:.0f} | {:.1f} | {:.17g} |\n", setup.name, peak, peak - fixed,
             num_steps * kRows * kTokens / seconds.count(), cpu, loss_sum);
}

int run(const std::string& folder, int num_steps) {
  fmt::print(
      "| strategy | peak resident MiB | without weights and AdamW | tokens/s | CPU seconds a step "
      "| sum of losses |\n| --- | --- | --- | --- | --- | --- |\n");
  for (const Setup& setup : setups()) {
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
      measure(setup, folder, num_steps);
      std::fflush(stdout);
      std::_Exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace sift

int main(int argc, char** argv) {
  sift::use_caching_allocator();  // as the program does
  return sift::run(argc > 1 ? argv[1] : ".", argc > 2 ? std::atoi(argv[2]) : 2);
}
