#include "config/renamed_values.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace sift {
namespace {

using Answers = std::map<std::string, std::string>;

constexpr const char* kHalf =
    "is not supported, since gradients in it need scaling; use \"bfloat16\", or bf16 = true in [train]";
constexpr const char* kAdamw = "is AdamW of another library: write \"adamw_torch_fused\"";
constexpr const char* kReporter =
    "is not supported: Sift reports to no service; use \"tensorboard\" or \"csv\", or write a plugin: sift "
    "new-plugin callback NAME";

const std::map<std::string, Answers>& answers() {
  static const std::map<std::string, Answers> table = {
      {"dtype",
       {{"float16", kHalf},
        {"fp16", kHalf},
        {"half", kHalf},
        {"torch.float16", kHalf},
        {"float64", "is not supported; use \"float32\""},
        {"double", "is not supported; use \"float32\""},
        {"fp32", "is \"float32\" here"},
        {"torch.float32", "is \"float32\" here"},
        {"bf16", "is \"bfloat16\" here"},
        {"torch.bfloat16", "is \"bfloat16\" here"}}},
      {"packing_strategy",
       {{"ffd", "is now \"bfd\""},
        {"bfd-requeue", "is now \"bfd_split\""},
        {"bfd_requeue", "is now \"bfd_split\""}}},
      {"resume_from_checkpoint", {{"true", "is \"last\" here"}, {"false", "is \"\" here: a new run"}}},
      {"max_length",
       {{"None", "is 0 here: no limit"}, {"none", "is 0 here: no limit"}, {"null", "is 0 here: no limit"}}},
      {"save_total_limit", {{"None", "is 0 here: no limit"}, {"none", "is 0 here: no limit"}}},
      {"max_steps", {{"0", "is -1 here: the number of steps follows from num_train_epochs"}}},
  };
  return table;
}

using Names = std::set<std::string>;

const Names& adamws() {
  static const Names names = {"adamw", "adamw_hf", "adamw_apex_fused", "adamw_torch_xla",
                              "adamw_torch_npu_fused"};
  return names;
}

/// The nearest optimizer here to each of transformers' that Sift lacks.
const Answers& nearest_optimizers() {
  constexpr const char *kAdamwFused = "adamw_torch_fused", *kAdamw8Bit = "adamw_8bit", *kLion = "lion_32bit",
                       *kRmsprop = "rmsprop", *kAdafactor = "adafactor", *kFree = "schedule_free_adamw";
  static const Answers names = {{"adamw_anyprecision", kAdamwFused},
                                {"adamw_torch_4bit", kAdamw8Bit},
                                {"adamw_torch_8bit", kAdamw8Bit},
                                {"ademamix", kAdamwFused},
                                {"adagrad", kAdamwFused},
                                {"ademamix_8bit", kAdamw8Bit},
                                {"lion_8bit", kLion},
                                {"paged_adamw_32bit", kAdamwFused},
                                {"paged_adamw_8bit", kAdamw8Bit},
                                {"paged_ademamix_32bit", kAdamwFused},
                                {"paged_ademamix_8bit", kAdamw8Bit},
                                {"paged_lion_32bit", kLion},
                                {"paged_lion_8bit", kLion},
                                {"rmsprop_bnb", kRmsprop},
                                {"rmsprop_bnb_8bit", kRmsprop},
                                {"rmsprop_bnb_32bit", kRmsprop},
                                {"galore_adamw", kAdamwFused},
                                {"galore_adamw_8bit", kAdamw8Bit},
                                {"galore_adafactor", kAdafactor},
                                {"galore_adamw_layerwise", kAdamwFused},
                                {"galore_adamw_8bit_layerwise", kAdamw8Bit},
                                {"galore_adafactor_layerwise", kAdafactor},
                                {"lomo", "sgd"},
                                {"adalomo", kAdafactor},
                                {"grokadamw", kAdamwFused},
                                {"schedule_free_radam", kFree},
                                {"schedule_free_sgd", kFree},
                                {"apollo_adamw", kAdamwFused},
                                {"apollo_adamw_layerwise", kAdamwFused},
                                {"stable_adamw", kAdamwFused}};
  return names;
}

const Names& reporters() {
  static const Names names = {"azure_ml", "clearml", "codecarbon", "comet_ml", "dagshub", "dvclive", "flyte",
                              "kubeflow", "mlflow",  "neptune",    "swanlab",  "trackio", "wandb"};
  return names;
}

}  // namespace

std::string fate_of_value(const std::string& key, const std::string& value) {
  const auto of_key = answers().find(key);
  if (of_key == answers().end()) return {};
  const auto found = of_key->second.find(value);
  return found == of_key->second.end() ? "" : found->second;
}

std::string fate_of_plugin(const std::string& name) {
  if (name == "chunked_nll") return "is \"nll\" here, as in TRL";
  if (adamws().contains(name)) return kAdamw;
  if (const auto found = nearest_optimizers().find(name); found != nearest_optimizers().end()) {
    return fmt::format(
        "is an optimizer of transformers that Sift lacks; the nearest is \"{}\", or write a plugin: sift "
        "new-plugin optimizer NAME",
        found->second);
  }
  return reporters().contains(name) ? kReporter : "";
}

}  // namespace sift
