#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <sift/adamw.h>
#include <sift/plugin.h>
#include "shared/parameter_wise.h"

namespace {

using sift::GroupOption;
using Change = GroupOption::Change;

struct State {
  at::Tensor momentum_buffer;            ///< of a hidden matrix, else undefined
  at::Tensor step, exp_avg, exp_avg_sq;  ///< of any other parameter: AdamW's

  std::vector<sift::NamedTensor> named() const {
    if (momentum_buffer.defined()) return {{"momentum_buffer", momentum_buffer}};
    return {{"step", step}, {"exp_avg", exp_avg}, {"exp_avg_sq", exp_avg_sq}};
  }
};

struct MuonOptions {
  double momentum = 0.95;
  bool nesterov = true;
  std::int64_t ns_steps = 5;
  double eps = 1e-7;
  std::string adjust_lr_fn = "original";
  std::string master_weights = "none";
};

/// Whether Muon updates the parameter: a matrix, or the stacked matrices of experts, between embedding and
/// head.
bool is_hidden_matrix(const std::string& name, const at::Tensor& weight) {
  const auto has = [&](const char* part) { return name.find(part) != std::string::npos; };
  return weight.dim() >= 2 && !has("embed_tokens") && !has("lm_head") && !has("bias");
}

State new_state(const std::string& name, const at::Tensor& weight) {
  if (is_hidden_matrix(name, weight)) return {at::zeros_like(weight), {}, {}, {}};
  return {
      {}, at::zeros({}, weight.options().dtype(at::kFloat)), at::zeros_like(weight), at::zeros_like(weight)};
}

/// Muon (torch.optim.Muon) for the matrices of the hidden layers, and fused AdamW for the rest.
class Muon final : public optimizers::ParameterWise<State> {
 public:
  using Options = MuonOptions;
  static void describe(sift::Schema<Options>& schema) {
    schema.add("momentum", &Options::momentum, "factor of the earlier gradients", sift::between(0, 1));
    schema.add("nesterov", &Options::nesterov, "look one step ahead");
    schema.add("ns_steps", &Options::ns_steps, "Newton-Schulz iterations", sift::between(1, 99));
    schema.add("eps", &Options::eps, "smallest norm that an update is divided by", sift::above(0));
    schema.add("adjust_lr_fn", &Options::adjust_lr_fn,
               "learning rate of an A x B matrix: times sqrt(max(1, A / B)) (original), or times 0.2 * "
               "sqrt(max(A, B)), which suits the rates of AdamW (match_rms_adamw)",
               sift::one_of({"original", "match_rms_adamw"}));
    optimizers::add_master_weights(schema);
  }

  Muon(const Options& options, sift::OptimizerSetup setup)
      : ParameterWise(std::move(setup), options.master_weights, /*in_float32=*/false, new_state),
        options_(options) {}

  /// The keys of torch/optim/_muon.py, and those of AdamW that have an effect.
  std::vector<GroupOption> group_options(std::size_t) const override {
    const std::vector<double> betas{setup().adam_beta1, setup().adam_beta2};
    return {{"momentum", options_.momentum, Change::kWarning},
            {"nesterov", options_.nesterov, Change::kError},
            {"ns_coefficients", std::vector<double>{kA, kB, kC}, Change::kError},
            {"eps", options_.eps, Change::kWarning},
            {"ns_steps", options_.ns_steps, Change::kWarning},
            {"betas", betas, Change::kWarning, {"adam_beta1", "adam_beta2"}}};
  }

 private:
  static constexpr double kA = 3.4445, kB = -4.775, kC = 2.0315;

  void update(State& state, const at::Tensor& weight, const at::Tensor& grad,
              const optimizers::Rates& rates) override {
    if (!state.momentum_buffer.defined()) {
      const at::Tensor one = at::ones({}, weight.options());
      sift::adamw_update({{weight}, {grad}, {state.exp_avg}, {state.exp_avg_sq}, {state.step}}, one, {},
                         {rates.learning_rate, setup().adam_beta1, setup().adam_beta2, rates.weight_decay,
                          setup().adam_epsilon});
      return;
    }
    state.momentum_buffer.lerp_(grad, 1.0 - options_.momentum);
    const at::Tensor change =
        options_.nesterov ? grad.lerp(state.momentum_buffer, options_.momentum) : state.momentum_buffer;
    weight.mul_(1.0 - rates.learning_rate * rates.weight_decay);
    const auto sizes = weight.sizes();
    const std::int64_t rows = sizes[sizes.size() - 2], columns = sizes.back();
    const double step_size = rates.learning_rate * adjustment(rows, columns);
    const at::Tensor weights = weight.view({-1, rows, columns}), changes = change.view({-1, rows, columns});
    for (std::int64_t i = 0; i < weights.size(0); ++i)
      weights[i].add_(orthogonalized(changes[i]), -step_size);
  }

  double adjustment(std::int64_t rows, std::int64_t columns) const {
    const auto a = static_cast<double>(rows), b = static_cast<double>(columns);
    if (options_.adjust_lr_fn == "original") return std::sqrt(std::max(1.0, a / b));
    return 0.2 * std::sqrt(std::max(a, b));
  }

  /// A matrix with nearly the singular vectors of `matrix` and singular values near 1, by Newton-Schulz
  /// iterations of degree 5 in bfloat16.
  at::Tensor orthogonalized(const at::Tensor& matrix) const {
    const bool is_tall = matrix.size(0) > matrix.size(1);
    at::Tensor x = matrix.to(at::kBFloat16);
    if (is_tall) x = x.t();
    x = x / x.norm().clamp_min(options_.eps);  // the largest singular value is at most 1
    for (std::int64_t i = 0; i < options_.ns_steps; ++i) {
      const at::Tensor gram = x.matmul(x.t());
      x = at::addmm(x, at::addmm(gram, gram, gram, kB, kC), x, kA);
    }
    return is_tall ? x.t() : x;
  }

  Options options_;
};

}  // namespace

SIFT_PLUGIN("muon", "1.0.0", "Muon for hidden matrices, AdamW for the rest",
            [](sift::Registry& registry) { registry.add_optimizer<Muon>("muon"); })
