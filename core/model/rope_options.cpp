#include <fmt/format.h>

#include "api/error.h"
#include "model/rope.h"

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
  if (type == "default" || type == "linear" || type == "dynamic" || type == "llama3" || type == "yarn")
    return;
  throw Error(
      fmt::format("{}: rope type '{}' is not supported; supported: default, linear, dynamic, llama3, yarn",
                  parameters.where(), type));
}

void read_scaled(const JsonFields& file, const JsonFields& parameters, const ModelConfig& config,
                 RopeOptions& rope) {
  // A pretraining length beside the parameters goes before one inside them, as in transformers.
  rope.original_max_position_embeddings = file.positive_or(
      "original_max_position_embeddings",
      parameters.positive_or("original_max_position_embeddings", config.max_position_embeddings));
  const bool derived = rope.type == "yarn" && !parameters.has("factor");
  rope.factor = derived ? static_cast<double>(config.max_position_embeddings) /
                              static_cast<double>(rope.original_max_position_embeddings)
                        : above_zero(parameters, "factor", parameters.number("factor"));
  if (rope.type == "dynamic" && config.head_dim <= 2) {
    throw Error(fmt::format("{}: rope type 'dynamic' needs a head_dim above 2", parameters.where()));
  }
  if (rope.type == "llama3") {
    rope.low_freq_factor = above_zero(parameters, "low_freq_factor", parameters.number("low_freq_factor"));
    rope.high_freq_factor = parameters.number("high_freq_factor");
    if (rope.high_freq_factor <= rope.low_freq_factor) {
      parameters.fail("high_freq_factor", "expected a number above low_freq_factor");
    }
  }
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

RopeOptions read_rope_options(const JsonFields& fields, const ModelConfig& config) {
  static const nlohmann::ordered_json none = nlohmann::ordered_json::object();
  std::string key = "rope_parameters";
  if (fields.has("rope_scaling") && !fields.value("rope_scaling").empty()) key = "rope_scaling";
  const JsonFields parameters(fields.has(key) ? fields.value(key) : none, fields.where() + ": " + key);

  RopeOptions rope;
  rope.type = parameters.text_or("rope_type", parameters.text_or("type", "default"));
  check_type(parameters, rope.type);
  rope.theta = parameters.number_or("rope_theta", fields.number_or("rope_theta", rope.theta));
  if (rope.theta <= 1)
    throw Error(fmt::format("{}: rope_theta is {}; expected a number above 1", fields.where(), rope.theta));
  const double rotated =
      parameters.number_or("partial_rotary_factor", fields.number_or("partial_rotary_factor", 1.0));
  if (rotated != 1.0) {
    throw Error(fmt::format("{}: partial_rotary_factor is {}; only 1 is supported", fields.where(), rotated));
  }
  if (rope.type != "default") read_scaled(fields, parameters, config, rope);
  return rope;
}

}  // namespace sift
