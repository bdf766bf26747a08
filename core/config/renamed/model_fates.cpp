#include "config/renamed/fates.h"

namespace sift {
namespace {

constexpr const char* kKernels = "has no use here: Sift's operators are fused";
constexpr const char* kCompile = "has no use here: Sift is compiled, and runs no Python";

}  // namespace

const Fates& fates_of_model() {
  static const Fates fates = {
      {"model", "is path in [model]"},
      {"model_name", "is path in [model]"},
      {"model_name_or_path", "is path in [model]: a folder, since Sift downloads nothing"},
      {"tokenizer_name", "has no use here: the tokenizer is that of the folder path in [model]"},
      {"model_revision", "has no use here: path in [model] is a folder; download the revision that you want"},
      {"model_init_kwargs", "has no use here; see dtype and init in [model]"},
      {"torch_dtype", "is dtype in [model]"},
      {"trust_remote_code", "has no use here: Sift runs no code of a model folder"},
      {"use_cache", "has no use here: training keeps no cache of keys and values"},
      {"attn_implementation", "is not needed: the attention kernel is chosen by the device"},
      {"use_liger_kernel",
       "is not needed: operators are fused; see [loss] plugin = \"liger\" for Liger's loss"},
      {"use_liger", "is not needed: operators are fused; see [loss] plugin = \"liger\" for Liger's loss"},
      {"liger_kernel_config", kKernels},
      {"use_kernels", kKernels},
      {"torch_compile", kCompile},
      {"torch_compile_backend", kCompile},
      {"torch_compile_mode", kCompile},
      {"torchdynamo", kCompile},
      {"jit_mode_eval", kCompile},
      {"use_peft", "has no use here: a run with a section [lora] trains an adapter"},
      {"peft_config", "is the section [lora]"},
      {"lora_r", "is r in [lora]"},
      {"lora_target_modules", "is target_modules in [lora]"},
      {"lora_target_parameters", "is target_parameters in [lora]"},
      {"lora_modules_to_save", "is modules_to_save in [lora]"},
      {"lora_task_type", "has no use here: every model is a CAUSAL_LM"},
      {"load_in_8bit", "is not supported; see load_in_4bit in [model]"},
      {"quantization_config", "is load_in_4bit, bnb_4bit_quant_type and use_bnb_nested_quant in [model]"},
      {"bnb_4bit_use_double_quant", "is use_bnb_nested_quant in [model]"},
      {"bnb_4bit_quant_storage", "has no use here: codes are bytes in memory"},
  };
  return fates;
}

}  // namespace sift
