#include "config/renamed_values.h"

#include <map>
#include <set>

namespace sift {
namespace {

using Answers = std::map<std::string, std::string>;

constexpr const char* kHalf =
    "is not supported, since gradients in it need scaling; use \"bfloat16\", or bf16 = true in [train]";
constexpr const char* kAdamw = "is AdamW of another library: write \"adamw_torch_fused\"";
constexpr const char* kOptimizer =
    "is an optimizer of transformers that Sift lacks; use \"adamw_torch_fused\", or write a plugin: sift "
    "new-plugin optimizer NAME";
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

const Names& optimizers() {
  static const Names names = {"adamw_anyprecision",
                              "adamw_torch_4bit",
                              "adamw_torch_8bit",
                              "ademamix",
                              "adagrad",
                              "ademamix_8bit",
                              "lion_8bit",
                              "paged_adamw_32bit",
                              "paged_adamw_8bit",
                              "paged_ademamix_32bit",
                              "paged_ademamix_8bit",
                              "paged_lion_32bit",
                              "paged_lion_8bit",
                              "rmsprop_bnb",
                              "rmsprop_bnb_8bit",
                              "rmsprop_bnb_32bit",
                              "galore_adamw",
                              "galore_adamw_8bit",
                              "galore_adafactor",
                              "galore_adamw_layerwise",
                              "galore_adamw_8bit_layerwise",
                              "galore_adafactor_layerwise",
                              "lomo",
                              "adalomo",
                              "grokadamw",
                              "schedule_free_radam",
                              "schedule_free_sgd",
                              "apollo_adamw",
                              "apollo_adamw_layerwise",
                              "stable_adamw"};
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
  if (optimizers().contains(name)) return kOptimizer;
  return reporters().contains(name) ? kReporter : "";
}

}  // namespace sift
