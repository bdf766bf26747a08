#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <set>

#include <sift/error.h>
#include "model/decoder/rope.h"

namespace sift {
namespace {

double above_zero(const JsonFields& fields, const std::string& key, double value) {
  if (value <= 0) fields.fail(key, "expected a number above 0");
  return value;
}

/// Python's `value or fallback`: zero counts as not given.
double nonzero_or(const JsonFields& fields, const std::string& key, double fallback) {
  const double value = fields.number_or(key, fallback);
  return value == 0.0 ? fallback : above_zero(fields, key, value);
}

std::optional<double> optional_number(const JsonFields& fields, const std::string& key) {
  if (!fields.has(key)) return std::nullopt;
  return fields.number(key);
}

void check_type(const JsonFields& parameters, const std::string& type) {
  static const std::set<std::string> supported = {"default", "dynamic",  "linear",
                                                  "llama3",  "longrope", "yarn"};
  if (supported.count(type) != 0) return;
  parameters.fail(
      fmt::format("rope type '{}' is not supported; supported: {}", type, fmt::join(supported, ", ")));
}

/// A number above 0 for each frequency.
std::vector<double> frequency_factors(const JsonFields& parameters, const std::string& key,
                                      std::int64_t num_frequencies) {
  const auto& values = parameters.value(key);
  const bool is_list = values.is_array() && std::ssize(values) == num_frequencies;
  std::vector<double> factors;
  for (const auto& value : is_list ? values : nlohmann::ordered_json()) {
    if (value.is_number() && value.get<double>() > 0) factors.push_back(value.get<double>());
  }
  if (std::ssize(factors) != num_frequencies) {
    parameters.fail(
        key, fmt::format("expected a list of {} numbers above 0, one for each pair of rotated features",
                         num_frequencies));
  }
  return factors;
}

void read_longrope(const JsonFields& parameters, const ModelConfig& config, RopeOptions& rope) {
  const std::int64_t num_frequencies = rotary_features(rope, config.head_dim) / 2;
  rope.short_factors = frequency_factors(parameters, "short_factor", num_frequencies);
  rope.long_factors = frequency_factors(parameters, "long_factor", num_frequencies);
  rope.attention_factor = optional_number(parameters, "attention_factor");
  if (rope.original_max_position_embeddings < 2) {
    parameters.fail("rope type 'longrope' needs an original_max_position_embeddings above 1");
  }
}

void check_partial(const JsonFields& fields, const ModelConfig& config, const RopeOptions& rope,
                   bool allowed) {
  const double part = rope.partial_rotary_factor;
  if (part != 1.0 && !allowed) {
    throw Error(fmt::format("{}: partial_rotary_factor is {}; only 1 is supported", fields.where(), part));
  }
  const std::int64_t features = part > 0 && part <= 1 ? rotary_features(rope, config.head_dim) : 0;
  if (features < 2 || features % 2 != 0) {
    throw Error(
        fmt::format("{}: partial_rotary_factor is {}; of the {} features of a head it must rotate an even "
                    "number of at least 2",
                    fields.where(), part, config.head_dim));
  }
}

void read_scaled(const JsonFields& file, const JsonFields& parameters, const ModelConfig& config,
                 RopeOptions& rope) {
  // A pretraining length beside the parameters takes precedence over one among them, as in transformers.
  rope.original_max_position_embeddings = file.positive_or(
      "original_max_position_embeddings",
      parameters.positive_or("original_max_position_embeddings", config.max_position_embeddings));
  const bool derived = (rope.type == "yarn" || rope.type == "longrope") && !parameters.has("factor");
  rope.factor = derived ? static_cast<double>(config.max_position_embeddings) /
                              static_cast<double>(rope.original_max_position_embeddings)
                        : above_zero(parameters, "factor", parameters.number("factor"));
  if (rope.type == "dynamic" && config.head_dim <= 2) {
    parameters.fail("rope type 'dynamic' needs a head_dim above 2");
  }
  if (rope.type == "llama3") {
    rope.low_freq_factor = above_zero(parameters, "low_freq_factor", parameters.number("low_freq_factor"));
    rope.high_freq_factor = parameters.number("high_freq_factor");
    if (rope.high_freq_factor <= rope.low_freq_factor) {
      parameters.fail("high_freq_factor", "expected a number above low_freq_factor");
    }
  }
  if (rope.type == "longrope") read_longrope(parameters, config, rope);
  if (rope.type == "yarn") {
    rope.beta_fast = nonzero_or(parameters, "beta_fast", rope.beta_fast);
    rope.beta_slow = nonzero_or(parameters, "beta_slow", rope.beta_slow);
    rope.attention_factor = optional_number(parameters, "attention_factor");
    rope.mscale = optional_number(parameters, "mscale");
    rope.mscale_all_dim = optional_number(parameters, "mscale_all_dim");
    rope.truncate = parameters.flag_or("truncate", true);
  }
}

}  // namespace

JsonFields rope_object(const JsonFields& fields) {
  static const nlohmann::ordered_json none = nlohmann::ordered_json::object();
  const bool scaling = fields.has("rope_scaling") && !fields.value("rope_scaling").empty();
  return fields.at_or(scaling ? "rope_scaling" : "rope_parameters", none);
}

void read_rope_options(const JsonFields& fields, ModelConfig& config) {
  config.rope = read_rope_parameters(fields, rope_object(fields), config);
}

RopeOptions read_rope_parameters(const JsonFields& fields, const JsonFields& parameters,
                                 const ModelConfig& config, bool partial) {
  RopeOptions rope;
  rope.type = parameters.text_or("rope_type", parameters.text_or("type", "default"));
  check_type(parameters, rope.type);
  rope.theta = parameters.number_or("rope_theta", fields.number_or("rope_theta", rope.theta));
  if (rope.theta <= 1)
    throw Error(fmt::format("{}: rope_theta is {}; expected a number above 1", fields.where(), rope.theta));
  rope.partial_rotary_factor =
      parameters.number_or("partial_rotary_factor", fields.number_or("partial_rotary_factor", 1.0));
  check_partial(fields, config, rope, partial);
  if (rope.type != "default") read_scaled(fields, parameters, config, rope);
  return rope;
}

}  // namespace sift
