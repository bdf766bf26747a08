#include "plan/paper_model.h"

#include <ATen/ops/empty.h>

#include <memory>
#include <utility>

#include "model/weights/linear_layers.h"
#include "model/weights/parameter_path.h"
#include "model/weights/skipped_modules.h"

namespace sift {
namespace {

at::Tensor on_paper(at::IntArrayRef shape, at::ScalarType dtype) {
  return at::empty(shape, at::TensorOptions().dtype(dtype).device(at::kMeta));
}

std::int64_t divided_up(std::int64_t count, std::int64_t size) {
  return (count + size - 1) / size;
}

}  // namespace

QuantizedWeight paper_quantized(const std::vector<std::int64_t>& shape, QuantizedWeight::Kind kind,
                                bool nested) {
  QuantizedWeight weight;
  weight.kind = kind;
  weight.shape = shape;
  const std::int64_t count = c10::multiply_integers(shape);
  const std::int64_t blocks = divided_up(count, weight.block_size);
  weight.codes = on_paper({divided_up(count, 2)}, at::kByte);
  weight.absmax = on_paper({blocks}, nested ? at::kByte : at::kFloat);
  if (nested) {
    constexpr std::int64_t kCodes = 256;
    weight.nested = QuantizedWeight::Nested{
        on_paper({divided_up(blocks, QuantizedWeight::Nested::kBlockSize)}, at::kFloat),
        on_paper({kCodes}, at::kFloat)};
  }
  return weight;
}

std::vector<Parameter> paper_parameters(const ModelPlan& plan, at::ScalarType dtype,
                                        const std::vector<std::string>& patterns) {
  const std::optional<Quantization>& quantization = plan.config.quantization;
  const SkippedModules skipped(quantization ? quantization->skip_modules : std::vector<std::string>());
  std::vector<Parameter> parameters;
  for (const ParameterSpec& spec : parameter_specs(plan.config)) {
    if (quantization && is_linear_layer(spec) && !skipped.contains(module_of(spec.name))) {
      const auto weight = std::make_shared<const QuantizedWeight>(
          paper_quantized(spec.shape, quantization->kind, quantization->nested));
      parameters.push_back({spec.name, weight->codes, false, weight});
    } else {
      parameters.push_back({spec.name, on_paper(spec.shape, dtype).requires_grad_(), true});
    }
  }
  if (plan.adapter) plan.adapter->add_to(parameters, 0);  // the seed of values that are not made
  freeze(parameters, patterns);
  return parameters;
}

}  // namespace sift
