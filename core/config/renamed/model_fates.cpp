#include "config/renamed/fates.h"

namespace sift {
namespace {

constexpr const char* kAdapter =
    "is not supported yet: all weights are trained, except those that freeze in [train] names";
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
      {"use_peft", kAdapter},
      {"peft_config", kAdapter},
      {"lora_r", kAdapter},
      {"lora_alpha", kAdapter},
      {"lora_dropout", kAdapter},
      {"lora_target_modules", kAdapter},
      {"lora_target_parameters", kAdapter},
      {"lora_modules_to_save", kAdapter},
      {"lora_task_type", kAdapter},
      {"use_rslora", kAdapter},
      {"use_dora", kAdapter},
      {"load_in_8bit", "is not supported; see load_in_4bit in [model]"},
      {"quantization_config", "is load_in_4bit, bnb_4bit_quant_type and use_bnb_nested_quant in [model]"},
      {"bnb_4bit_use_double_quant", "is use_bnb_nested_quant in [model]"},
      {"bnb_4bit_quant_storage", "has no use here: codes are bytes in memory"},
  };
  return fates;
}

}  // namespace sift
