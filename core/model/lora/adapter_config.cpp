#include "model/lora/adapter_config.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include <sift/error.h>
#include "formats/json_fields.h"
#include "formats/json_text.h"
#include "formats/model_files.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
using Kind = AdaptableWeight::Kind;

bool is_off(const Json& value) {
  return value.is_null() || value == false || ((value.is_object() || value.is_array()) && value.empty());
}

/// What PEFT can do with an adapter, and Sift not.
void check_variants(const JsonFields& fields) {
  if (const std::string type = fields.text_or("peft_type", "LORA"); type != "LORA")
    fields.fail_unsupported("kind of adapter", type, "LORA");
  for (const char* key :
       {"alora_invocation_tokens", "arrow_config", "corda_config", "eva_config", "fan_in_fan_out",
        "kasa_config", "layer_replication", "loftq_config", "lora_bias", "lora_ga_config",
        "monteclora_config", "use_bdlora", "use_qalora", "velora_config", "ensure_weight_tying"}) {
    if (fields.has(key) && !is_off(fields.value(key)))
      fields.fail(key, "expected none: Sift has no such variant of LoRA");
  }
}

void read_names(const JsonFields& fields, const char* key, std::vector<std::string>& names) {
  const auto found = fields.find(key);
  if (!found) return;
  if (found->value().is_string()) {
    names = {found->text()};
    return;
  }
  for (const JsonFields& name : found->elements()) names.push_back(name.text());
}

/// A list, or a string, which is a regular expression.
void read_targets(const JsonFields& fields, const char* key, std::vector<std::string>& names,
                  std::string& regex) {
  const auto found = fields.find(key);
  if (found && found->value().is_string() && found->text() != "all-linear") {
    regex = found->text();
  } else {
    read_names(fields, key, names);
  }
}

void read_integers(const JsonFields& fields, const char* key, std::vector<std::int64_t>& integers) {
  const auto found = fields.find(key);
  if (!found) return;
  if (found->value().is_number_integer()) {
    integers = {found->integer()};
    return;
  }
  for (const JsonFields& integer : found->elements()) integers.push_back(integer.integer());
}

/// A list, or an object with a list for embed_tokens alone.
void read_tokens(const JsonFields& fields, std::vector<std::int64_t>& tokens) {
  const auto found = fields.find("trainable_token_indices");
  if (!found) return;
  if (!found->value().is_object()) return read_integers(fields, "trainable_token_indices", tokens);
  for (const auto& [module, ids] : found->value().items()) {
    if (module != "embed_tokens" && module != "model.embed_tokens")
      found->fail(fmt::format("'{}' is not supported; expected embed_tokens", module));
    read_integers(*found, module.c_str(), tokens);
  }
}

void read_pattern(const JsonFields& fields, const char* key, ScalarTable& table) {
  const auto found = fields.find(key);
  if (!found) return;
  for (const auto& [pattern, value] : found->object().items()) {
    if (value.is_number_integer()) {
      table[pattern] = found->integer(pattern);
    } else {
      table[pattern] = found->number(pattern);
    }
  }
}

std::string init_of(const JsonFields& fields) {
  const auto found = fields.find("init_lora_weights");
  if (!found) return "true";
  if (found->value().is_boolean()) return found->flag() ? "true" : "false";
  std::string name = found->text();
  if (name == "gaussian" || name == "pissa") return name;
  // the values in the file replace the initial ones, unless these also changed the weights of the base
  if (name == "orthogonal" || name == "eva") return "true";
  found->fail_unsupported("way to initialize an adapter", name, "true, false, gaussian, pissa");
}

Json list_or_null(const std::vector<std::string>& names) {
  return names.empty() ? Json() : Json(names);
}

Json whole_or_number(double number) {
  return std::floor(number) == number ? Json(static_cast<std::int64_t>(number)) : Json(number);
}

Json pattern_json(const ScalarTable& table) {
  Json json = Json::object();
  for (const auto& [pattern, value] : table) {
    const auto* integer = std::get_if<std::int64_t>(&value);
    json[pattern] = integer ? Json(*integer) : whole_or_number(std::get<double>(value));
  }
  return json;
}

/// Names that mean the targets of "all-linear" and of the defaults for every reader: the last of each path.
Json target_names(const Adapter& adapter) {
  const LoraOptions& options = adapter.options();
  if (!options.target_modules_regex.empty()) return options.target_modules_regex;
  if (options.target_modules && !options.targets_all_linear()) return *options.target_modules;
  std::set<std::string> names;
  for (const LoraTarget& target : adapter.targets()) {
    const std::string& path = target.weight.path;
    if (target.weight.kind == Kind::kLinear) names.insert(path.substr(path.rfind('.') + 1));
  }
  return names;
}

Json init_json(const std::string& name) {
  return name == "true" || name == "false" ? Json(name == "true") : Json(name);
}

Json excluded_names(const LoraOptions& options) {
  return options.exclude_modules_regex.empty() ? list_or_null(options.exclude_modules)
                                               : Json(options.exclude_modules_regex);
}

}  // namespace

bool is_adapter_folder(const fs::path& folder) {
  return fs::exists(folder / kAdapterConfigFile) && !fs::exists(folder / kModelConfigFile);
}

AdapterConfig read_adapter_config(const fs::path& folder) {
  const fs::path file = folder / kAdapterConfigFile;
  const Json json = read_json_file<Json>(file);
  const JsonFields fields(json, file.string());
  check_variants(fields);
  AdapterConfig config;
  LoraOptions& options = config.options;
  config.base = fields.text_or("base_model_name_or_path", "");
  options.r = fields.positive_or("r", options.r);
  options.lora_alpha = fields.number_or("lora_alpha", options.lora_alpha);
  options.lora_dropout = fields.number_or("lora_dropout", options.lora_dropout);
  options.use_rslora = fields.flag_or("use_rslora", false);
  options.use_dora = fields.flag_or("use_dora", false);
  options.bias = fields.text_or("bias", options.bias);
  options.init_lora_weights = init_of(fields);
  std::vector<std::string> targets;
  read_targets(fields, "target_modules", targets, options.target_modules_regex);
  if (fields.has("target_modules") && options.target_modules_regex.empty()) options.target_modules = targets;
  read_targets(fields, "exclude_modules", options.exclude_modules, options.exclude_modules_regex);
  read_integers(fields, "layers_to_transform", options.layers_to_transform);
  read_names(fields, "layers_pattern", options.layers_pattern);
  read_names(fields, "target_parameters", options.target_parameters);
  read_names(fields, "modules_to_save", options.modules_to_save);
  read_pattern(fields, "rank_pattern", options.rank_pattern);
  read_pattern(fields, "alpha_pattern", options.alpha_pattern);
  read_tokens(fields, options.trainable_token_indices);
  return config;
}

Json adapter_config_json(const Adapter& adapter, const std::string& base) {
  const LoraOptions& options = adapter.options();
  nlohmann::json json;  // in alphabetical order, as PEFT
  for (const char* key : {"alora_invocation_tokens", "arrow_config", "auto_mapping", "corda_config",
                          "eva_config", "kasa_config", "layer_replication", "lora_ga_config",
                          "megatron_config", "monteclora_config", "revision", "use_bdlora", "velora_config"})
    json[key] = nullptr;
  for (const char* key : {"ensure_weight_tying", "fan_in_fan_out", "lora_bias", "use_qalora"})
    json[key] = false;
  json["peft_type"] = "LORA";
  json["task_type"] = "CAUSAL_LM";
  json["peft_version"] = "0.21.2";
  json["inference_mode"] = true;
  json["loftq_config"] = nlohmann::json::object();
  json["megatron_core"] = "megatron.core";
  json["qalora_group_size"] = 16;
  json["base_model_name_or_path"] = base;
  json["r"] = options.r;
  json["lora_alpha"] = whole_or_number(options.lora_alpha);
  json["lora_dropout"] = options.lora_dropout;
  json["use_rslora"] = options.use_rslora;
  json["use_dora"] = options.use_dora;
  json["bias"] = options.bias;
  json["init_lora_weights"] = init_json(options.init_lora_weights);
  json["target_modules"] = target_names(adapter);
  json["exclude_modules"] = excluded_names(options);
  json["layers_to_transform"] =
      options.layers_to_transform.empty() ? Json() : Json(options.layers_to_transform);
  json["layers_pattern"] = list_or_null(options.layers_pattern);
  json["target_parameters"] = list_or_null(options.target_parameters);
  json["modules_to_save"] = list_or_null(options.modules_to_save);
  json["rank_pattern"] = pattern_json(options.rank_pattern);
  json["alpha_pattern"] = pattern_json(options.alpha_pattern);
  json["trainable_token_indices"] =
      options.trainable_token_indices.empty() ? Json() : Json(options.trainable_token_indices);
  return Json::parse(json.dump());
}

fs::path text_folder_of(const fs::path& folder) {
  return is_adapter_folder(folder) && !fs::exists(folder / kTokenizerFile) ? base_of(folder) : folder;
}

fs::path base_of(const fs::path& folder) {
  if (!is_adapter_folder(folder)) return folder;
  const std::string base = read_adapter_config(folder).base;
  if (fs::exists(fs::path(base) / kModelConfigFile)) return base;
  throw Error(
      fmt::format("{}: base_model_name_or_path is '{}', which is no model folder here; write the path of the "
                  "base model there",
                  (folder / kAdapterConfigFile).string(), base));
}

}  // namespace sift
