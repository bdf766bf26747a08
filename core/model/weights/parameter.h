#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/model_config.h"
#include "ops/quantized_weight.h"

namespace sift {

/// A weight of the model with its name in transformers: a leaf that requires a gradient if it is trained. The
/// experts of a layer are one parameter, [E, ...].
struct Parameter {
  std::string name;
  at::Tensor tensor;
  bool trained = true;  ///< false: it has no gradient, and no optimizer changes it
  /// The weight in 4 bits, of which `tensor` has the codes; null for every other. It is not trained.
  std::shared_ptr<const QuantizedWeight> quantized = nullptr;

  /// The number of weights.
  std::int64_t numel() const;
};

/// A tensor of a file that is a parameter, or part of one: files store experts one by one.
struct FileTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t expert = -1;  ///< index in the parameter's first dimension; -1: the tensor is the parameter
  std::int64_t first_row = 0;

  /// This part of `parameter`, as a view.
  at::Tensor of(const at::Tensor& parameter) const;
};

/// A parameter without its values.
struct ParameterSpec {
  enum class Init { kNormal, kZero, kOne };
  std::string name;
  std::vector<std::int64_t> shape;
  Init init = Init::kNormal;
  std::vector<FileTensor> parts;  ///< its tensors in files; empty: one tensor of the same name and shape

  std::vector<FileTensor> file_tensors() const;
};

/// The names of the norms before and after each part of a layer; empty if there is none.
struct LayerNormNames {
  std::string before_attention, after_attention, before_mlp, after_mlp;
};
LayerNormNames layer_norm_names(NormPlace place);

/// Every parameter of a model of this config, in the order of transformers' named_parameters(). A tied head
/// is not listed: it is the embedding.
std::vector<ParameterSpec> parameter_specs(const ModelConfig& config);

/// What is done with each parameter as soon as it has its values.
using ParameterSink = std::function<void(Parameter)>;

/// Reads the weights of a model folder, one after the other in the order of parameter_specs(). Those that
/// bitsandbytes quantised stay as they are; if the config says that the model is quantised, other weights of
/// its linear layers are quantised from `dtype`, one after the other, so that there is never more than one of
/// them in memory as it was. Throws Error that names missing, unknown and misshapen tensors, up to ten at
/// once.
void read_parameters(const std::filesystem::path& folder, const ModelConfig& config, at::ScalarType dtype,
                     at::Device device, const ParameterSink& take);
/// The same. `loaded` is called for each as well.
std::vector<Parameter> load_parameters(const std::filesystem::path& folder, const ModelConfig& config,
                                       at::ScalarType dtype, at::Device device,
                                       const ParameterSink& loaded = {});

/// Random weights as in transformers: normal(0, initializer_range), norms one, biases and the
/// embedding of the padding token zero. The same seed gives the same weights on every device.
std::vector<Parameter> random_parameters(const ModelConfig& config, std::uint64_t seed, at::ScalarType dtype,
                                         at::Device device, const ParameterSink& loaded = {});

}  // namespace sift
