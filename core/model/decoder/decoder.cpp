#include "model/decoder/decoder.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "device/host_copy.h"
#include "model/lora/merge_adapter.h"
#include "model/weights/resize_embedding.h"
#include "ops/rms_norm.h"

// Shape suffixes: n tokens, h hidden size, v vocabulary.

namespace sift {

Decoder Decoder::load(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device) {
  return load(folder, ModelConfig::from_folder(folder), dtype, device);
}

Decoder Decoder::load(const std::filesystem::path& folder, ModelConfig config, at::ScalarType dtype,
                      at::Device device, const ParameterSink& loaded) {
  std::vector<Parameter> parameters = load_parameters(folder, config, dtype, device, loaded);
  return Decoder(std::move(config), std::move(parameters));
}

Decoder Decoder::load_resized(const std::filesystem::path& folder, ModelConfig config,
                              std::int64_t vocab_size, at::ScalarType dtype, at::Device device) {
  std::vector<Parameter> parameters = load_parameters(folder, config, dtype, device);
  resize_embedding(parameters, vocab_size);
  config.set_vocab_size(vocab_size);
  return Decoder(std::move(config), std::move(parameters));
}

Decoder Decoder::random(const ModelConfig& config, std::uint64_t seed, at::ScalarType dtype,
                        at::Device device, const ParameterSink& loaded) {
  return Decoder(config, random_parameters(config, seed, dtype, device, loaded));
}

Decoder::Decoder(ModelConfig config, std::vector<Parameter> parameters,
                 std::shared_ptr<const Adapter> adapter)
    : config_(std::move(config)), parameters_(std::move(parameters)), adapter_(std::move(adapter)) {
  assemble();
}

void Decoder::assemble() {
  TensorsByName tensors;
  for (const Parameter& parameter : parameters_) tensors[parameter.name] = parameter.tensor;
  ModelWeights weights(std::move(tensors));
  for (const Parameter& parameter : parameters_) {
    if (parameter.quantized)
      weights.quantized[parameter.name] = {{}, parameter.quantized, config_.quantization->compute_dtype};
  }
  if (adapter_) weights.updates = adapter_->updates(weights);
  tables_ = TokenTables(config_, weights,
                        adapter_ ? adapter_->options().trainable_token_indices : std::vector<std::int64_t>());
  norm_h_ = weights.at("model.norm.weight");
  const at::TensorOptions dtype(tables_.embedding().scalar_type());
  embedding_scale_ = config_.rounds_embedding_scale
                         ? at::scalar_tensor(config_.embedding_scale, dtype).item().toDouble()
                         : config_.embedding_scale;
  layers_.clear();
  for (std::int64_t i = 0; i < config_.num_hidden_layers; ++i) layers_.emplace_back(config_, i, weights);
}

void Decoder::add_adapter(std::shared_ptr<const Adapter> adapter, std::uint64_t seed) {
  adapter_ = std::move(adapter);
  adapter_->add_to(parameters_, seed);
  assemble();
}

Decoder Decoder::merged() && {
  layers_.clear();  // they hold the weights, too
  tables_ = TokenTables();
  ModelConfig config = config_;
  if (adapter_->unties_head() || adapter_->adapts_embedding()) config.untie_word_embeddings();
  config.set_quantization(std::nullopt);
  return Decoder(std::move(config), merged_parameters(*adapter_, std::move(parameters_)));
}

Decoder Decoder::snapshot(bool copies) const {
  std::vector<Parameter> weights;
  for (const Parameter& parameter : parameters_) {
    const at::Tensor values = parameter.tensor.detach();
    const bool is_copied = copies && parameter.trained;
    weights.push_back(
        {parameter.name, is_copied ? host_copy(values) : values, parameter.trained, parameter.quantized});
  }
  return Decoder(config_, std::move(weights), adapter_);
}

at::Tensor Decoder::embed(const at::Tensor& input_ids_n, const TrainingNoise& noise) const {
  const at::Tensor hidden_nh = tables_.embed(input_ids_n);
  at::Tensor scaled_nh = embedding_scale_ == 1.0 ? hidden_nh : hidden_nh * embedding_scale_;
  if (noise.embedding_noise == 0.0) return scaled_nh;
  const at::Tensor noise_nh = uniform_noise(hidden_nh, noise.embedding_noise, *noise.seed);
  // in transformers a scale that is rounded belongs to the embedding, whose output gets the noise
  return scaled_nh + (config_.rounds_embedding_scale ? noise_nh : noise_nh * embedding_scale_);
}

at::Tensor Decoder::final_norm(const at::Tensor& hidden_nh) const {
  return rms_norm(hidden_nh, norm_h_, config_.rms_norm_eps, config_.norm_weight);
}

void Decoder::make_rotary(LayerContext& context, const at::Tensor& position_ids_n, std::int64_t longest,
                          at::ScalarType dtype) const {
  context.rotary = rotary_tables(config_, config_.rope, position_ids_n, longest, dtype);
  context.sliding_rotary = config_.sliding_rope
                               ? rotary_tables(config_, *config_.sliding_rope, position_ids_n, longest, dtype)
                               : context.rotary;
}

at::Tensor Decoder::forward(const Batch& batch, const LayerRunner& run_layer,
                            const std::shared_ptr<LoadBalancingLoss>& balance, const TrainingNoise& noise,
                            const std::shared_ptr<const ContextTokens>& whole) const {
  at::Tensor hidden_nh = embed(batch.input_ids_n, noise);
  const auto context = std::make_shared<LayerContext>();
  make_rotary(*context, batch.position_ids_n, batch.max_seqlen, hidden_nh.scalar_type());
  context->document_starts = batch.document_starts;
  context->whole = whole;
  context->balance = balance;
  context->dropout = noise.seed;
  context->window_mask = std::make_shared<SharedWindowMask>();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer layer;
    layer.index = static_cast<std::int64_t>(i);
    layer.num_layers = config_.num_hidden_layers;
    layer.forward = [part = &layers_[i], context](const at::Tensor& x_nh) {
      return part->forward(x_nh, *context);
    };
    hidden_nh = run_layer ? run_layer(layer, hidden_nh) : layer.forward(hidden_nh);
  }
  if (balance) balance->finish();
  return final_norm(hidden_nh);
}

at::Tensor Decoder::extend(const at::Tensor& input_ids_n, KeyValueCache& cache) const {
  const std::int64_t begin = cache.length();
  const std::int64_t end = begin + input_ids_n.numel();
  at::Tensor hidden_nh = embed(input_ids_n);
  LayerContext context;
  make_rotary(context, at::arange(begin, end, input_ids_n.options()), end, hidden_nh.scalar_type());
  context.cache = &cache;
  for (const DecoderLayer& layer : layers_) hidden_nh = layer.forward(hidden_nh, context);
  cache.advance(input_ids_n.numel());
  return final_norm(hidden_nh);
}

LmHead Decoder::head() const {
  LmHead head;
  head.weight_vh = tables_.head();
  head.logit_scale = config_.logit_scale;
  head.softcap = config_.final_logit_softcap;
  return head;
}

std::vector<Parameter> Decoder::trainable() const {
  std::vector<Parameter> trained;
  std::ranges::copy_if(parameters_, std::back_inserter(trained), &Parameter::trained);
  return trained;
}

std::int64_t Decoder::num_parameters() const {
  std::int64_t count = 0;
  for (const Parameter& parameter : parameters_) count += parameter.numel();
  return count;
}

std::int64_t Decoder::num_non_embedding_parameters() const {
  return num_parameters() - tables_.embedding().numel();
}

}  // namespace sift
