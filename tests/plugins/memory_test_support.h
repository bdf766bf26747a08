#pragma once

#include <ATen/Functions.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "device/precision.h"
#include "model/decoder/decoder.h"
#include "plugin_test_support.h"
#include "support/tiny_model.h"
#include "train/components.h"

namespace sift::test {

/// A memory strategy as a configuration would name it.
struct Strategy {
  std::string name;
  OptionValues options;
};

/// Micro-batches of a small model under memory strategies, through the very calls of the training loop. The
/// model is a Llama whose config.json is changed by `changes`.
class MemoryRun {
 public:
  explicit MemoryRun(const std::vector<Strategy>& strategies,
                     const nlohmann::ordered_json& changes = nlohmann::ordered_json::object(),
                     at::Device device = at::kCPU)
      : device_(device), model_(Decoder::random(model_config(changes), 7, at::kFloat, device)) {
    host_.load_file(real_plugin("sift_loss_nll"));
    host_.load_file(real_plugin("sift_memory_gradient_checkpointing"));
    host_.load_file(real_plugin("sift_memory_activation_offload"));
    ConfiguredComponents chosen;
    chosen.loss = configured(Kind::kLoss, "nll", {});
    for (const Strategy& strategy : strategies) {
      chosen.memory.push_back(configured(Kind::kMemory, strategy.name, strategy.options));
    }
    components_.emplace(chosen);
    for (const Parameter& parameter : model_.parameters()) weights_.push_back(parameter.tensor);
  }

  /// Stands between strategies and layers; called in every run of a layer, those in backward included.
  std::function<void(std::int64_t layer)> on_layer;
  /// May look at or hook into the loss before backward starts.
  std::function<void(const at::Tensor& loss)> before_backward;

  const std::vector<at::Tensor>& weights() const { return weights_; }
  Components& components() { return *components_; }

  /// Adds the gradients of one micro-batch; returns its loss.
  at::Tensor micro_batch(const Batch& batch, bool bf16 = false) {
    const ScopeStack scopes = components_->step_scopes({weights_});
    const Autocast autocast(device_.type(), bf16);
    const at::Tensor hidden_nh = model_.forward(batch, [&](const Layer& layer, const at::Tensor& x_nh) {
      Layer watched = layer;
      watched.forward = [&watch = on_layer, layer](const at::Tensor& x) {
        if (watch) watch(layer.index);
        return layer.forward(x);
      };
      return components_->run_layer(watched, x_nh);
    });
    const LmHead head = model_.head();
    const at::Tensor loss = components_->compute_loss({batch, hidden_nh, head, 5, {}}).loss;
    if (before_backward) before_backward(loss);
    {
      const Autocast off(device_.type(), false);
      torch::autograd::backward({loss}, {});
    }
    return loss.detach();
  }

  /// The gradients so far; they start again from none.
  std::vector<at::Tensor> take_gradients() {
    std::vector<at::Tensor> gradients;
    for (at::Tensor& weight : weights_) {
      gradients.push_back(weight.grad());
      weight.mutable_grad().reset();
    }
    return gradients;
  }

 private:
  static ModelConfig model_config(const nlohmann::ordered_json& changes) {
    auto json = tiny_config_json();
    json["num_hidden_layers"] = 4;
    json["tie_word_embeddings"] = true;
    json.update(changes);
    return ModelConfig::from_json(json, "config.json");
  }

  ConfiguredComponent configured(Kind kind, const std::string& name, const OptionValues& values) const {
    const LoadedComponent& component = component_of(host_, kind, name);
    return {&component, options_of(component, values)};
  }

  PluginHost host_;
  at::Device device_;
  Decoder model_;
  std::vector<at::Tensor> weights_;
  std::optional<Components> components_;
};

inline Batch documents_of(std::int64_t num_documents, std::int64_t length) {
  std::vector<std::vector<std::int64_t>> documents;
  for (std::int64_t d = 0; d < num_documents; ++d) {
    std::vector<std::int64_t> ids;
    for (std::int64_t i = 0; i < length + d; ++i) ids.push_back((7 * i + 5 * d + 3) % 32);
    documents.push_back(std::move(ids));
  }
  return make_batch(documents);
}

inline bool same_bits(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!a[i].defined() || !b[i].defined() || !at::equal(a[i], b[i])) return false;
  }
  return true;
}

}  // namespace sift::test
