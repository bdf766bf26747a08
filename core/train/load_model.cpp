#include "train/load_model.h"

#include <fmt/format.h>

#include <sift/error.h>
#include <sift/log.h>
#include "formats/model_files.h"
#include "model/lora/adapter_config.h"
#include "model/lora/adapter_files.h"
#include "model/weights/checkpoint_dtype.h"
#include "model/weights/skipped_modules.h"
#include "train/agreement.h"
#include "train/weights_fingerprint.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

/// Where the values of the adapter come from at the start of a run; empty: they are new.
fs::path adapter_folder(const ModelRequest& request) {
  if (is_adapter_folder(request.model.path)) return request.model.path;
  return request.lora ? request.lora->adapter_path : "";
}

/// The weights of the model folder, with rows for new tokens.
Decoder load_base(const ModelRequest& request, const ModelPlan& plan, at::Device device,
                  const ParameterSink& loaded) {
  const at::ScalarType dtype = request.model.scalar_type();
  if (request.model.init == "random")
    return Decoder::random(plan.config, static_cast<std::uint64_t>(request.seed), dtype, device, loaded);
  const fs::path folder = base_of(request.model.path);
  if (plan.num_rows == plan.config.vocab_size)
    return Decoder::load(folder, plan.config, dtype, device, loaded);
  log_info(fmt::format("vocabulary: {} rows are added to the {} of the model, each the mean of these",
                       plan.config.vocab_size - plan.num_rows, plan.num_rows));
  ModelConfig stored = plan.config;
  stored.set_vocab_size(plan.num_rows);
  return Decoder::load_resized(folder, stored, plan.config.vocab_size, dtype, device);
}

/// `loaded`: see Decoder::load(). It is not called where others still need whole weights.
Decoder load(const ModelRequest& request, const ModelPlan& plan, const fs::path& resume_from,
             at::Device device, const ParameterSink& loaded) {
  if (!plan.adapter) {
    if (resume_from.empty()) return load_base(request, plan, device, loaded);
    if (is_adapter_folder(resume_from)) {
      throw Error(
          fmt::format("{}: holds an adapter, and this run has no [lora]; resume with the section of the run "
                      "that wrote it",
                      resume_from.string()));
    }
    return Decoder::load(resume_from, plan.config, request.model.scalar_type(), device, loaded);
  }
  Decoder model = load_base(request, plan, device, plan.adapter->needs_weights() ? ParameterSink() : loaded);
  model.add_adapter(plan.adapter, static_cast<std::uint64_t>(request.seed));
  const fs::path folder = resume_from.empty() ? adapter_folder(request) : resume_from;
  if (!folder.empty()) load_adapter(folder, model);
  return model;
}

}  // namespace

std::shared_ptr<const Adapter> adapter_of(const ModelRequest& request, const ModelConfig& model) {
  const fs::path folder = adapter_folder(request);
  if (!folder.empty()) return std::make_shared<const Adapter>(read_adapter_config(folder).options, model);
  return request.lora ? std::make_shared<const Adapter>(*request.lora, model) : nullptr;
}

ModelOptions with_known_dtype(ModelOptions options) {
  if (options.dtype != "auto") return options;
  const fs::path folder = base_of(options.path);
  const bool is_bfloat16 = checkpoint_dtype(folder, ModelConfig::from_folder(folder)) == at::kBFloat16;
  options.dtype = is_bfloat16 ? "bfloat16" : "float32";
  return options;
}

void set_quantization(const ModelOptions& options, ModelConfig& model) {
  const bool nf4 = options.bnb_4bit_quant_type == "nf4";
  const auto kind = nf4 ? QuantizedWeight::Kind::kNf4 : QuantizedWeight::Kind::kFp4;
  if (!model.quantization && !options.load_in_4bit) return;
  if (model.quantization && options.load_in_4bit && model.quantization->kind != kind) {
    throw Error(fmt::format(
        "bnb_4bit_quant_type in [model]: the weights in {} are in {} already; remove load_in_4bit and "
        "bnb_4bit_quant_type, or take the unquantised version of the model",
        options.path, nf4 ? "fp4" : "nf4"));
  }
  if (!model.quantization) check_skipped_modules(options.llm_int8_skip_modules, model);
  Quantization quantization = model.quantization.value_or(
      Quantization{kind, options.use_bnb_nested_quant, at::kFloat, true, options.llm_int8_skip_modules});
  if (!model.quantization || options.bnb_4bit_compute_dtype) {
    const bool is_bfloat16 = options.bnb_4bit_compute_dtype.value_or(options.dtype) == "bfloat16";
    quantization.compute_dtype = is_bfloat16 ? at::kBFloat16 : at::kFloat;
  }
  model.set_quantization(quantization);
}

void check_trainable(const ModelRequest& request, const ModelPlan& plan) {
  if (is_adapter_folder(request.model.path)) {
    throw Error(fmt::format(
        "path in [model]: {} is the folder of an adapter; to train it on, set path to its base model and "
        "adapter_path in [lora] to this folder",
        request.model.path));
  }
  if (plan.config.quantization && !plan.adapter) {
    throw Error(fmt::format(
        "path in [model]: the linear layers of {} are in 4 bits and cannot be trained; add a section "
        "[lora], whose adapters are trained in their place",
        request.model.path));
  }
  if (plan.adapter && plan.num_rows != plan.config.vocab_size) {
    throw Error(
        "resize_token_embeddings in [model]: new rows of the embedding are not saved with an adapter; add them to "
        "the base model first, or train without [lora]");
  }
}

Decoder load_model(const ModelRequest& request, const ModelPlan& plan, const fs::path& resume_from,
                   at::Device device, Parallel& parallel) {
  WeightsFingerprint fingerprint;
  const auto take = [&](const Parameter& parameter) {
    if (!parallel.is_alone()) fingerprint.add(parameter);
    parallel.adopt(parameter);
  };
  Decoder model = load(request, plan, resume_from, device, take);
  for (const Parameter& parameter : model.parameters()) take(parameter);
  if (!parallel.is_alone()) check_equal({{"the checksum of the weights", fingerprint.text()}}, parallel);
  return model;
}

}  // namespace sift
