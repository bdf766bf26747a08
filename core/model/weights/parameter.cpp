#include "model/weights/parameter.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>
#include <fmt/format.h>

#include <set>
#include <string_view>
#include <utility>

#include <sift/error.h>
#include <sift/log.h>
#include "base/fault_list.h"
#include "formats/safetensors.h"
#include "model/weights/linear_layers.h"
#include "model/weights/parameter_path.h"
#include "model/weights/quantized_tensors.h"
#include "model/weights/skipped_modules.h"

namespace sift {
namespace {

using Init = ParameterSpec::Init;

constexpr const char* kEmbedding = "model.embed_tokens.weight";
constexpr const char* kHead = "lm_head.weight";
// Old writers stored this table, which follows from config.json.
constexpr std::string_view kIgnoredSuffix = ".rotary_emb.inv_freq";

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += fmt::format("{}{}", i == 0 ? "" : ", ", shape[i]);
  return text + "]";
}

/// A file may store a tied head too, but it must equal the embedding.
bool is_tied_copy(const ModelTensors& tensors, const ModelConfig& config, const std::string& name) {
  return name == kHead && config.tie_word_embeddings && tensors.contains(kEmbedding) &&
         at::equal(tensors.tensor(name), tensors.tensor(kEmbedding));
}

std::string fault_of(const ModelTensors& tensors, const FileTensor& expected) {
  const std::string& name = expected.name;
  if (!tensors.contains(name)) return fmt::format("'{}' is missing", name);
  if (is_quantized(tensors, name)) return "";  // read_quantized() checks it
  if (const auto shape = tensors.shape(name); shape != expected.shape) {
    return fmt::format("'{}' has shape {}, expected {}", name, shape_text(shape), shape_text(expected.shape));
  }
  const bool is_float = at::isFloatingType(tensors.tensor(name).scalar_type());
  return is_float ? "" : fmt::format("'{}' is not of a floating-point type", name);
}

void check_names(const std::filesystem::path& folder, const ModelTensors& tensors, const ModelConfig& config,
                 const std::vector<ParameterSpec>& specs) {
  std::vector<std::string> faults;
  std::set<std::string> known;
  for (const ParameterSpec& spec : specs) {
    for (const FileTensor& part : spec.file_tensors()) {
      for (const std::string& stored : stored_names(tensors, part.name)) known.insert(stored);
      if (std::string fault = fault_of(tensors, part); !fault.empty()) faults.push_back(std::move(fault));
    }
  }
  for (const std::string& name : tensors.names()) {
    if (known.count(name) != 0 || name.ends_with(kIgnoredSuffix) || is_tied_copy(tensors, config, name))
      continue;
    faults.push_back(
        name == kHead && config.tie_word_embeddings
            ? fmt::format("'{}' differs from '{}' though config.json ties the two", name, kEmbedding)
            : fmt::format("'{}' is not part of this model", name));
  }
  if (faults.empty()) return;
  throw Error(fmt::format("{}: the weights do not fit config.json ({}): {}", folder.string(),
                          config.architecture, listed_faults(faults)));
}

Parameter in_4_bits(const std::string& name, QuantizedWeight weight, at::Device device) {
  const auto shared = std::make_shared<const QuantizedWeight>(std::move(weight).to(device));
  return {name, shared->codes, false, shared};
}

/// How weights that are not in 4 bits yet are put into them.
class Quantizer {
 public:
  /// Of the model of a folder, or of random weights.
  static Quantizer of_folder(const std::optional<Quantization>& quantization) {
    return Quantizer(quantization && quantization->while_reading ? quantization : std::nullopt);
  }
  static Quantizer of_random(const std::optional<Quantization>& quantization) {
    return Quantizer(quantization);
  }

  bool takes(const ParameterSpec& spec) const {
    return quantization_ && is_linear_layer(spec) && !skipped_.contains(module_of(spec.name));
  }
  Parameter quantized(const std::string& name, const at::Tensor& weight_oi, at::Device device) const {
    return in_4_bits(name, quantize_4bit(weight_oi, quantization_->kind, quantization_->nested), device);
  }

 private:
  explicit Quantizer(const std::optional<Quantization>& quantization)
      : quantization_(quantization),
        skipped_(quantization ? quantization->skip_modules : std::vector<std::string>()) {}

  std::optional<Quantization> quantization_;
  SkippedModules skipped_;
};

Parameter load_parameter(const std::string& folder, const ModelTensors& tensors, const ParameterSpec& spec,
                         const Quantizer& quantizer, at::ScalarType dtype, at::Device device) {
  if (is_quantized(tensors, spec.name)) {
    if (is_linear_layer(spec))
      return in_4_bits(spec.name, read_quantized(tensors, spec.name, spec.shape, folder), device);
    throw Error(fmt::format("{}: '{}' is in 4 bits, which only the weights of linear layers may be", folder,
                            spec.name));
  }
  if (quantizer.takes(spec))
    return quantizer.quantized(spec.name, tensors.tensor(spec.name).to(dtype), device);
  at::Tensor tensor = at::empty(spec.shape, at::TensorOptions().dtype(dtype).device(device));
  for (const FileTensor& part : spec.file_tensors()) part.of(tensor).copy_(tensors.tensor(part.name));
  return {spec.name, tensor.requires_grad_(), true};
}

}  // namespace

std::int64_t Parameter::numel() const {
  return quantized ? quantized->out_features() * quantized->in_features() : tensor.numel();
}

void read_parameters(const std::filesystem::path& folder, const ModelConfig& config, at::ScalarType dtype,
                     at::Device device, const ParameterSink& take) {
  ModelTensors tensors(folder);
  // as in transformers, a tied pair may be stored under the name of the head alone
  if (config.tie_word_embeddings && tensors.contains(kHead) && !tensors.contains(kEmbedding))
    tensors.rename(kHead, kEmbedding);
  const std::vector<ParameterSpec> specs = parameter_specs(config);
  check_names(folder, tensors, config, specs);
  if (tensors.num_left_out() > 0) {
    log_warning(
        fmt::format("{}: {} tensors are not part of the language model (they belong to the vision model) and "
                    "are skipped; only the language model is trained and saved, as a {}",
                    folder.string(), tensors.num_left_out(), config.architecture));
  }
  const auto quantizer = Quantizer::of_folder(config.quantization);
  for (const ParameterSpec& spec : specs) {
    take(load_parameter(folder.string(), tensors, spec, quantizer, dtype, device));
    // the pages of the file are memory of this process until then
    for (const FileTensor& part : spec.file_tensors()) tensors.give_back(part.name);
  }
}

std::vector<Parameter> load_parameters(const std::filesystem::path& folder, const ModelConfig& config,
                                       at::ScalarType dtype, at::Device device, const ParameterSink& loaded) {
  std::vector<Parameter> parameters;
  read_parameters(folder, config, dtype, device, [&](Parameter parameter) {
    if (loaded) loaded(parameter);
    parameters.push_back(std::move(parameter));
  });
  return parameters;
}

std::vector<Parameter> random_parameters(const ModelConfig& config, std::uint64_t seed, at::ScalarType dtype,
                                         at::Device device, const ParameterSink& loaded) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  const auto quantizer = Quantizer::of_random(config.quantization);
  std::vector<Parameter> parameters;
  for (const ParameterSpec& spec : parameter_specs(config)) {
    at::Tensor values = at::empty(spec.shape, at::TensorOptions().dtype(at::kFloat));
    if (spec.init == Init::kNormal) values.normal_(0.0, config.initializer_range, generator);
    if (spec.init == Init::kZero) values.zero_();
    if (spec.init == Init::kOne) values.fill_(1.0);
    if (spec.name == kEmbedding && config.pad_token_id) values.select(0, *config.pad_token_id).zero_();
    parameters.push_back(quantizer.takes(spec)
                             ? quantizer.quantized(spec.name, values.to(dtype), device)
                             : Parameter{spec.name, values.to(device, dtype).requires_grad_(), true});
    if (loaded) loaded(parameters.back());
  }
  return parameters;
}

}  // namespace sift
