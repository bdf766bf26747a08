#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "config/sections.h"
#include "model/decoder/decoder.h"
#include "model/lora/adapter.h"
#include "parallel/parallel.h"

namespace sift {

/// The options that say which model a run has.
struct ModelRequest {
  const ModelOptions& model;
  const std::optional<LoraOptions>& lora;
  std::int64_t seed = 0;  ///< of random weights
};

/// How the model of a run is loaded.
struct ModelPlan {
  ModelConfig config;         ///< of the base model, with the overrides of [model]
  std::int64_t num_rows = 0;  ///< of the embedding in the folder; config.vocab_size has those for new tokens
  std::shared_ptr<const Adapter>
      adapter;  ///< of [lora], or of an adapter folder as path in [model]; may be null
};

/// The adapter of the configuration; null if it has none. Throws Error for names that match nothing.
std::shared_ptr<const Adapter> adapter_of(const ModelRequest& request, const ModelConfig& model);

/// The options with the type of dtype = "auto" in its place.
ModelOptions with_known_dtype(ModelOptions options);

/// Applies load_in_4bit and the options beside it to the config of the model folder.
void set_quantization(const ModelOptions& options, ModelConfig& model);

/// Throws Error if the model cannot be trained: its model is in 4 bits and there is no adapter, the path in
/// [model] is the folder of an adapter, or new rows of the embedding would not be saved.
void check_trainable(const ModelRequest& request, const ModelPlan& plan);

/// The initial model of a run, or with the weights of the checkpoint `resume_from` if set. `parallel` adopts
/// each parameter as soon as it is read, so that no process need hold them all. Throws Error if the weights
/// of the processes differ.
Decoder load_model(const ModelRequest& request, const ModelPlan& plan,
                   const std::filesystem::path& resume_from, at::Device device, Parallel& parallel);

}  // namespace sift
