#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "model/model_config.h"

namespace sift {

/// A weight of the model: a leaf that requires a gradient if it is trained, under the name that transformers
/// has for it. The experts of a layer are one parameter, [E, ...].
struct Parameter {
  std::string name;
  at::Tensor tensor;
  bool trained = true;  ///< false: it has no gradient, and no optimizer changes it
};

/// A tensor of a file that is a parameter, or a part of one: experts are files' tensors one by one.
struct FileTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t expert = -1;  ///< which of the parameter's first dimension; -1: the tensor is the parameter
  std::int64_t first_row = 0;

  /// This part of `parameter`, as a view.
  at::Tensor of(const at::Tensor& parameter) const;
};

/// What a parameter is before it has values.
struct ParameterSpec {
  enum class Init { kNormal, kZero, kOne };
  std::string name;
  std::vector<std::int64_t> shape;
  Init init = Init::kNormal;
  std::vector<FileTensor> parts;  ///< in files; empty: it has its own name and shape there too

  std::vector<FileTensor> file_tensors() const;
};

/// The names of the norms before and after each of a layer's two parts; empty where there is none.
struct LayerNormNames {
  std::string before_attention, after_attention, before_mlp, after_mlp;
};
LayerNormNames layer_norm_names(NormPlace place);

/// Every parameter that `config` asks for, in the order of transformers' named_parameters(). A tied head is
/// not listed: it is the embedding.
std::vector<ParameterSpec> parameter_specs(const ModelConfig& config);

/// Reads the weights of a model folder. A tensor that is missing, unknown or of another shape is an Error
/// that names it; up to ten are listed at once.
std::vector<Parameter> load_parameters(const std::filesystem::path& folder, const ModelConfig& config,
                                       at::ScalarType dtype, at::Device device);

/// Fresh weights as transformers makes them: normal(0, initializer_range), norms one, biases and the
/// embedding of the padding token zero. The same seed gives the same weights on every device.
std::vector<Parameter> random_parameters(const ModelConfig& config, std::uint64_t seed, at::ScalarType dtype,
                                         at::Device device);

}  // namespace sift
