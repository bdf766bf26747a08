#include "model/decoder/rope.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <numbers>

// The formulas are those of transformers' modeling_rope_utils.py, in the same order of float32 operations.

namespace sift {
namespace {

/// theta^(2i/d) for i in [0, d/2).
at::Tensor wavelengths_f(double theta, std::int64_t head_dim) {
  const at::Tensor exponents_f =
      at::arange(0, head_dim, 2, at::TensorOptions().dtype(at::kFloat)) / static_cast<double>(head_dim);
  return at::pow(at::Scalar(theta), exponents_f);
}

/// The base grows for lengths beyond the training length of the model ("NTK-aware" scaling).
double dynamic_theta(const ModelConfig& config, const RopeOptions& rope, std::int64_t longest) {
  const double trained = static_cast<double>(config.max_position_embeddings);
  const double length = std::max(static_cast<double>(longest), trained);
  const double dim = static_cast<double>(config.head_dim);
  return rope.theta * std::pow(rope.factor * length / trained - (rope.factor - 1), dim / (dim - 2));
}

/// Llama 3.1: long wavelengths are stretched, short ones kept, and those between interpolated.
at::Tensor llama3_frequencies_f(const RopeOptions& rope, const at::Tensor& inv_freq_f) {
  const double trained = static_cast<double>(rope.original_max_position_embeddings);
  const double low_wavelength = trained / rope.low_freq_factor;
  const double high_wavelength = trained / rope.high_freq_factor;
  const at::Tensor wavelength_f = 2 * std::numbers::pi / inv_freq_f;
  const at::Tensor scaled_f = at::where(wavelength_f > low_wavelength, inv_freq_f / rope.factor, inv_freq_f);
  const at::Tensor smooth_f =
      (trained / wavelength_f - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor);
  const at::Tensor blended_f = (1 - smooth_f) * scaled_f / rope.factor + smooth_f * scaled_f;
  const at::Tensor between_f = (wavelength_f >= high_wavelength).logical_and(wavelength_f <= low_wavelength);
  return at::where(between_f, blended_f, scaled_f);
}

/// YaRN (arXiv 2309.00071): interpolate the slow dimensions, keep the fast ones, a linear ramp between.
at::Tensor yarn_frequencies_f(const RopeOptions& rope, std::int64_t head_dim) {
  const double dim = static_cast<double>(head_dim);
  const double trained = static_cast<double>(rope.original_max_position_embeddings);
  const auto dimension_of = [&](double rotations) {
    return dim * std::log(trained / (rotations * 2 * std::numbers::pi)) / (2 * std::log(rope.theta));
  };
  double low = dimension_of(rope.beta_fast);
  double high = dimension_of(rope.beta_slow);
  if (rope.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, dim - 1);
  if (low == high) high += 0.001;

  const at::Tensor index_f = at::arange(head_dim / 2, at::TensorOptions().dtype(at::kFloat));
  const at::Tensor keep_f = 1 - at::clamp((index_f - low) / (high - low), 0, 1);
  const at::Tensor positions_f = wavelengths_f(rope.theta, head_dim);
  return 1.0 / (rope.factor * positions_f) * (1 - keep_f) + 1.0 / positions_f * keep_f;
}

/// LongRoPE (arXiv 2402.13753): each wavelength has two factors, one for documents up to the length of
/// pretraining and one for longer documents.
at::Tensor longrope_frequencies_f(const RopeOptions& rope, std::int64_t longest,
                                  const at::Tensor& wavelengths_f) {
  const bool is_long = longest > rope.original_max_position_embeddings;
  const std::vector<double>& factors = is_long ? rope.long_factors : rope.short_factors;
  return 1.0 / (at::tensor(factors, at::TensorOptions().dtype(at::kFloat)) * wavelengths_f);
}

/// The factor of cos and sin.
double attention_factor(const RopeOptions& rope) {
  if (rope.attention_factor) return *rope.attention_factor;
  if (rope.type == "longrope") {
    const double trained = static_cast<double>(rope.original_max_position_embeddings);
    return rope.factor <= 1 ? 1.0 : std::sqrt(1 + std::log(rope.factor) / std::log(trained));
  }
  if (rope.type != "yarn") return 1.0;
  const auto scale = [&](double mscale) {
    return rope.factor <= 1 ? 1.0 : 0.1 * mscale * std::log(rope.factor) + 1.0;
  };
  const bool both = rope.mscale.value_or(0) != 0 && rope.mscale_all_dim.value_or(0) != 0;
  return both ? scale(*rope.mscale) / scale(*rope.mscale_all_dim) : scale(1.0);
}

at::Tensor frequencies_f(const ModelConfig& config, const RopeOptions& rope, std::int64_t longest) {
  if (rope.type == "yarn") return yarn_frequencies_f(rope, config.head_dim);
  const double theta = rope.type == "dynamic" ? dynamic_theta(config, rope, longest) : rope.theta;
  const at::Tensor plain_f = wavelengths_f(theta, rotary_features(rope, config.head_dim));
  if (rope.type == "longrope") return longrope_frequencies_f(rope, longest, plain_f);
  at::Tensor inv_freq_f = 1.0 / plain_f;
  if (rope.type == "linear") return inv_freq_f / rope.factor;
  if (rope.type == "llama3") return llama3_frequencies_f(rope, inv_freq_f);
  return inv_freq_f;
}

}  // namespace

std::int64_t rotary_features(const RopeOptions& rope, std::int64_t head_dim) {
  return static_cast<std::int64_t>(static_cast<double>(head_dim) * rope.partial_rotary_factor);
}

RotaryTables rotary_tables(const ModelConfig& config, const RopeOptions& rope,
                           const at::Tensor& position_ids_n, std::int64_t longest, at::ScalarType dtype) {
  const at::Tensor inv_freq_f = frequencies_f(config, rope, longest).to(position_ids_n.device());
  const at::Tensor angles_nf = position_ids_n.to(at::kFloat).unsqueeze(1) * inv_freq_f;
  at::Tensor cos_nf = angles_nf.cos();
  at::Tensor sin_nf = angles_nf.sin();
  if (const double factor = attention_factor(rope); factor != 1.0) {
    cos_nf.mul_(factor);
    sin_nf.mul_(factor);
  }
  return {cos_nf.to(dtype), sin_nf.to(dtype)};
}

}  // namespace sift
