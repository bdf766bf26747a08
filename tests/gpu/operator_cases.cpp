#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <memory>

#include <sift/adamw.h>
#include "gpu/op_case.h"
#include "ops/adapted_projections.h"
#include "ops/attention.h"
#include "ops/expert_routing.h"
#include "ops/gated_units.h"
#include "ops/projections.h"
#include "ops/quantized_product.h"
#include "ops/quantized_weight.h"
#include "ops/rms_norm.h"
#include "ops/rotary.h"
#include "ops/token_embedding.h"

namespace sift::test {
namespace {

using Tensors = std::vector<at::Tensor>;

at::Tensor numbers(at::IntArrayRef shape) {
  return at::randn(shape, at::kDouble);
}

void add_elementwise(std::vector<OpCase>& cases) {
  for (const NormWeight kind : {NormWeight::kScale, NormWeight::kOffset}) {
    cases.push_back({fmt::format("rms_norm{}", kind == NormWeight::kOffset ? ", offset" : ""),
                     {numbers({37, 129}), numbers({129})},
                     [kind](const Tensors& in) -> Tensors { return {rms_norm(in[0], in[1], 1e-5, kind)}; }});
  }
  cases.push_back(
      {"rms_norm of heads", {numbers({37, 3, 16}), numbers({16})}, [](const Tensors& in) -> Tensors {
         return {rms_norm(in[0], in[1], 1e-6, NormWeight::kScale)};
       }});
  for (const Activation activation : {Activation::kSilu, Activation::kGeluTanh}) {
    cases.push_back(
        {fmt::format("gated_unit, {}", activation == Activation::kSilu ? "silu" : "gelu"),
         {numbers({37, 131}), numbers({37, 131})},
         [activation](const Tensors& in) -> Tensors { return {gated_unit(in[0], in[1], activation)}; }});
  }
  for (const std::int64_t turned : {8, 6}) {
    const at::Tensor angles = numbers({37, turned});
    cases.push_back({fmt::format("rotary, {} of 16 features", 2 * turned),
                     {numbers({37, 3, 16})},
                     [angles](const Tensors& in) -> Tensors {
                       const auto as_input = [&](const at::Tensor& x) { return x.to(in[0].options()); };
                       return {rotary(in[0], as_input(angles.cos()), as_input(angles.sin()))};
                     }});
  }
}

void add_attention(std::vector<OpCase>& cases) {
  struct Shape {
    const char* name;
    std::int64_t heads, shared, head_dim, window;
    double softcap;
  };
  const Shape shapes[] = {{"attention", 4, 4, 16, 0, 0},          {"attention, shared heads", 6, 2, 64, 0, 0},
                          {"attention, window", 4, 2, 16, 16, 0}, {"attention, softcap", 4, 2, 32, 0, 5},
                          {"attention, both", 4, 2, 32, 16, 5},   {"attention, odd head", 3, 3, 20, 0, 0}};
  const std::vector<std::vector<std::int64_t>> documents = {{0, 1, 8, 9, 139, 172}, {0, 172}, {0, 1}};
  for (const Shape& shape : shapes) {
    for (const auto& starts : documents) {
      const std::int64_t tokens = starts.back();
      AttentionOptions options;
      options.window = shape.window;
      options.softcap = shape.softcap;
      cases.push_back(
          {fmt::format("{}, {} documents, {} tokens", shape.name, starts.size() - 1, tokens),
           {numbers({tokens, shape.heads, shape.head_dim}), numbers({tokens, shape.shared, shape.head_dim}),
            numbers({tokens, shape.shared, shape.head_dim})},
           [starts, options](const Tensors& in) -> Tensors {
             return {document_attention(in[0], in[1], in[2], starts, options)};
           }});
    }
  }
}

void add_products(std::vector<OpCase>& cases) {
  cases.push_back({"projections of a norm",
                   {numbers({37, 48}), numbers({48}), numbers({56, 48}) / 7, numbers({24, 48}) / 7},
                   [](const Tensors& in) -> Tensors {
                     return projections(ProjectionInput::normed(in[0], in[1], 1e-5, NormWeight::kScale),
                                        {in[2], in[3]}, {});
                   }});
  cases.push_back(
      {"projections with biases",
       {numbers({37, 48}), numbers({56, 48}) / 7, numbers({24, 48}) / 7, numbers({56}), numbers({24})},
       [](const Tensors& in) -> Tensors {
         return projections(ProjectionInput::given(in[0]), {in[1], in[2]}, {in[3], in[4]});
       }});
  cases.push_back({"projections of a gated unit",
                   {numbers({37, 48}), numbers({37, 48}), numbers({56, 48}) / 7},
                   [](const Tensors& in) -> Tensors {
                     return projections(ProjectionInput::gated(in[0], in[1], Activation::kSilu), {in[2]}, {});
                   }});
  const at::Tensor ids = at::randint(0, 61, {173}, at::kLong);
  cases.push_back({"token_embedding", {numbers({61, 48})}, [ids](const Tensors& in) -> Tensors {
                     return {token_embedding(in[0], ids.to(in[0].device()), 3)};
                   }});
}

/// Two products with a weight in 4 bits, and a layer that has an adapter on one. A row is no whole number of
/// blocks.
void add_quantized(std::vector<OpCase>& cases) {
  const at::Tensor weight_oi = at::randn({56, 90}) / 7;
  for (const auto kind : {QuantizedWeight::Kind::kNf4, QuantizedWeight::Kind::kFp4}) {
    for (const bool nested : {false, true}) {
      const std::string name =
          fmt::format("{}{}", kind == QuantizedWeight::Kind::kNf4 ? "nf4" : "fp4", nested ? ", nested" : "");
      // quantised where the product is computed
      const auto weight_on = [=](const at::Tensor& x) {
        return quantize_4bit(weight_oi.to(x.device()), kind, nested);
      };
      cases.push_back({"dequantize, " + name,
                       {numbers({1})},
                       [weight_on](const Tensors& in) -> Tensors {
                         return {dequantize(weight_on(in[0]), in[0].scalar_type())};
                       },
                       false});
      cases.push_back(
          {"quantized_product, " + name,
           {numbers({37, 90}), numbers({37, 56})},
           [weight_on](const Tensors& in) -> Tensors {
             const QuantizedWeight weight = weight_on(in[0]);
             return {quantized_product(in[0], weight), quantized_product_transposed(in[1], weight)};
           },
           false});
      cases.push_back({"adapted projection, " + name,
                       {numbers({37, 90}), numbers({4, 90}) / 7, numbers({56, 4}), numbers({56})},
                       [weight_on](const Tensors& in) -> Tensors {
                         const auto weight = std::make_shared<const QuantizedWeight>(weight_on(in[0]));
                         const BaseWeight base{{}, weight, in[0].scalar_type()};
                         const LowRank update{in[1], in[2], {}, 0.5};
                         return adapted_projections(ProjectionInput::given(in[0]), {base}, {in[3]}, {update},
                                                    {});
                       }});
    }
  }
}

void add_experts(std::vector<OpCase>& cases) {
  // expert 0 gets no token
  const at::Tensor experts =
      at::stack({at::randint(1, 4, {37}, at::kLong), at::randint(4, 7, {37}, at::kLong)}, 1);
  cases.push_back({"experts",
                   {numbers({37, 48}), numbers({7, 40, 48}) / 7, numbers({37, 2})},
                   [experts](const Tensors& in) -> Tensors {
                     const ExpertRoute route = route_tokens(experts.to(in[0].device()), 7);
                     const at::Tensor out = grouped_linear(to_experts(in[0], route), in[1], route.counts);
                     return {(from_experts(out, route) * in[2].unsqueeze(-1)).sum(1)};
                   }});
}

void add_optimizer(std::vector<OpCase>& cases) {
  OpCase adamw{"adamw",
               {},
               [](const Tensors& in) -> Tensors {
                 AdamWTensors tensors;
                 for (std::size_t i = 0; i < in.size(); i += 4) {
                   tensors.weights.push_back(in[i].clone());
                   tensors.grads.push_back(in[i + 1].clone());
                   tensors.exp_avgs.push_back(in[i + 2].clone());
                   tensors.exp_avg_sqs.push_back(in[i + 3].square());
                   tensors.steps.push_back(at::full({}, 2.0, in[i].options().dtype(at::kFloat)));
                 }
                 const at::Tensor scale = at::full({}, 0.37, in[0].options().dtype(at::kFloat));
                 adamw_update(tensors, scale, {}, {1e-2, 0.9, 0.999, 0.1, 1e-8});
                 Tensors out = tensors.weights;
                 out.insert(out.end(), tensors.exp_avgs.begin(), tensors.exp_avgs.end());
                 out.insert(out.end(), tensors.exp_avg_sqs.begin(), tensors.exp_avg_sqs.end());
                 return out;
               },
               false};
  for (const std::int64_t size : {1, 129, 70'001}) {
    for (int i = 0; i < 4; ++i) adamw.inputs.push_back(numbers({size}));
  }
  cases.push_back(std::move(adamw));
}

}  // namespace

std::vector<OpCase> operator_cases() {
  std::vector<OpCase> cases;
  add_elementwise(cases);
  add_attention(cases);
  add_products(cases);
  add_quantized(cases);
  add_experts(cases);
  add_optimizer(cases);
  return cases;
}

}  // namespace sift::test
