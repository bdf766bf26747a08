#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sift/memory.h>
#include <sift/tensors.h>
#include "model/decoder/decoder_layer.h"
#include "model/decoder/token_tables.h"
#include "model/generate/key_value_cache.h"
#include "model/lora/adapter.h"
#include "model/model_config.h"
#include "model/weights/freeze.h"
#include "model/weights/parameter.h"
#include "ops/context_attention.h"

namespace sift {

/// Runs a layer: the memory strategies of a run as one function. Empty: layer.forward itself.
using LayerRunner = std::function<at::Tensor(const Layer&, const at::Tensor& hidden_nh)>;

/// What training alone adds to a forward pass.
struct TrainingNoise {
  DropoutSeed seed;              ///< also of the noise
  double embedding_noise = 0.0;  ///< largest absolute value of the uniform noise on each embedding (NEFTune)
};

/// A decoder-only language model without its last projection.
///
///     const Decoder model = Decoder::load("smollm2", at::kFloat, at::kCPU);
///     const at::Tensor hidden_nh = model.forward(batch);
///
/// It must outlive every backward pass through it.
class Decoder {
 public:
  /// Reads a Hugging Face model folder (config.json and safetensors) and converts the weights to `dtype`.
  /// Throws Error that names the mismatch.
  static Decoder load(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device);
  /// The same with a config that the caller has read from the folder and may have changed. `loaded` is called
  /// for each parameter once it has its values, which it may take away.
  static Decoder load(const std::filesystem::path& folder, ModelConfig config, at::ScalarType dtype,
                      at::Device device, const ParameterSink& loaded = {});
  /// The same with the folder's own vocab_size, after which the model gets `vocab_size` rows: see
  /// resize_embedding() of model/weights/resize_embedding.h.
  static Decoder load_resized(const std::filesystem::path& folder, ModelConfig config,
                              std::int64_t vocab_size, at::ScalarType dtype, at::Device device);
  /// A model with random weights. The same seed gives the same weights on every device.
  static Decoder random(const ModelConfig& config, std::uint64_t seed, at::ScalarType dtype,
                        at::Device device, const ParameterSink& loaded = {});

  Decoder(Decoder&&) = default;
  Decoder& operator=(Decoder&&) = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  const ModelConfig& config() const { return config_; }

  /// Puts the adapter on the model, with its initial values. Its parameters are then the trained ones.
  void add_adapter(std::shared_ptr<const Adapter> adapter, std::uint64_t seed);
  /// nullptr if the model has no adapter.
  const Adapter* adapter() const { return adapter_.get(); }

  /// A model without an adapter that computes the same, no weight of which is in 4 bits. The head gets a
  /// weight of its own if the adapter untied it.
  Decoder merged() &&;

  /// The current weights, for saving: the trained ones copied to host memory, or all shared with this model.
  Decoder snapshot(bool copies) const;

  /// Hidden states [N, H] of all tokens of the batch, after the final norm. `balance`, for a mixture of
  /// experts, observes every router and is finished on return. `whole`: the tokens of which the batch is a
  /// part, whose attention then sees those of other processes.
  at::Tensor forward(const Batch& batch, const LayerRunner& run_layer = {},
                     const std::shared_ptr<LoadBalancingLoss>& balance = nullptr,
                     const TrainingNoise& noise = {},
                     const std::shared_ptr<const ContextTokens>& whole = nullptr) const;

  /// The same for the next tokens of the document in `cache`: its first tokens, or one more. If the angles
  /// depend on the length, cached keys keep their angles.
  at::Tensor extend(const at::Tensor& input_ids_n, KeyValueCache& cache) const;

  LmHead head() const;
  /// In the order of transformers' named_parameters(); a tied head is listed once, as the embedding.
  const std::vector<Parameter>& parameters() const { return parameters_; }
  at::Device device() const { return parameters_.front().tensor.device(); }
  /// The trained parameters: those of the optimizer, the gradient norm and clipping.
  std::vector<Parameter> trainable() const;
  /// See freeze() of model/weights/freeze.h.
  void freeze(const std::vector<std::string>& patterns) { sift::freeze(parameters_, patterns); }
  std::int64_t num_parameters() const;
  /// Without the embedding table, which takes part in no product (a tied head counts as the table).
  std::int64_t num_non_embedding_parameters() const;

 private:
  Decoder(ModelConfig config, std::vector<Parameter> parameters,
          std::shared_ptr<const Adapter> adapter = nullptr);
  /// Makes the parts out of the parameters.
  void assemble();
  at::Tensor embed(const at::Tensor& input_ids_n, const TrainingNoise& noise = {}) const;
  at::Tensor final_norm(const at::Tensor& hidden_nh) const;
  void make_rotary(LayerContext& context, const at::Tensor& position_ids_n, std::int64_t longest,
                   at::ScalarType dtype) const;

  ModelConfig config_;
  std::vector<Parameter> parameters_;
  std::shared_ptr<const Adapter> adapter_;
  std::vector<DecoderLayer> layers_;
  double embedding_scale_ = 1.0;
  TokenTables tables_;
  at::Tensor norm_h_;
};

/// Writes config.json and the weights so that transformers loads them: model.safetensors, or shards of at
/// most `max_shard_bytes` with their index. A tied head is not stored. Each file replaces its predecessor
/// atomically, once it is complete; weight files of an earlier save that are not part of this one are removed
/// at the end. Throws Error.
void save_model(const Decoder& model, const std::filesystem::path& folder,
                std::int64_t max_shard_bytes = 50'000'000'000);
/// What it writes besides the weights, which are in the folder: config.json and the index of several files.
/// `weight_map`: the file of each tensor.
void save_model_config(const Decoder& model, const std::filesystem::path& folder,
                       const std::map<std::string, std::string>& weight_map);

}  // namespace sift
