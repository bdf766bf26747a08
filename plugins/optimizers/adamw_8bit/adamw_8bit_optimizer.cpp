#include <ATen/Functions.h>

#include <cmath>
#include <optional>
#include <utility>

#include <sift/plugin.h>
#include "shared/block_quantization.h"
#include "shared/parameter_wise.h"

namespace {

using optimizers::BlockQuantized;
using sift::GroupOption;
using Change = GroupOption::Change;

struct State {
  at::Tensor step;                 ///< 0-d int64, completed updates
  at::Tensor exp_avg, exp_avg_sq;  ///< float32; undefined in 8 bits
  std::optional<BlockQuantized> exp_avg_8, exp_avg_sq_8;

  /// As bitsandbytes saves them.
  std::vector<sift::NamedTensor> named() const {
    std::vector<sift::NamedTensor> tensors{{"step", step}};
    const auto add = [&](const char* name, const at::Tensor& tensor) {
      tensors.push_back({std::string("__bnb_optimizer_quant_state__/") + name, tensor});
    };
    add("state1", exp_avg_8 ? exp_avg_8->codes : exp_avg);
    if (exp_avg_8) add("qmap1", exp_avg_8->map.values);
    add("state2", exp_avg_sq_8 ? exp_avg_sq_8->codes : exp_avg_sq);
    if (!exp_avg_8) return tensors;
    add("qmap2", exp_avg_sq_8->map.values);
    add("absmax1", exp_avg_8->absmax);
    add("absmax2", exp_avg_sq_8->absmax);
    return tensors;
  }
};

struct AdamW8BitOptions {
  std::int64_t embedding_bits = 32;
  std::string master_weights = "none";
};

/// Makes the states of a run, which share the maps of the codes.
class NewState {
 public:
  explicit NewState(const AdamW8BitOptions& options) : options_(options) {}

  State operator()(const std::string& name, const at::Tensor& weight) const {
    State state{at::zeros({}, at::kLong), {}, {}, {}, {}};
    if (is_in_8_bits(name, weight)) {
      state.exp_avg_8 = BlockQuantized::zeros(weight, signed_);
      state.exp_avg_sq_8 = BlockQuantized::zeros(weight, unsigned_);
    } else {
      state.exp_avg = at::zeros_like(weight);
      state.exp_avg_sq = at::zeros_like(weight);
    }
    return state;
  }

 private:
  /// transformers keeps the states of embeddings in 32 bits, bitsandbytes those of small tensors.
  bool is_in_8_bits(const std::string& name, const at::Tensor& weight) const {
    constexpr std::int64_t kSmallest = 4096;
    const bool is_embedding = name.ends_with("embed_tokens.weight");
    return weight.numel() >= kSmallest && !(is_embedding && options_.embedding_bits == 32);
  }

  AdamW8BitOptions options_;
  optimizers::DynamicMap signed_ = optimizers::DynamicMap::make(true);
  optimizers::DynamicMap unsigned_ = optimizers::DynamicMap::make(false);
};

/// AdamW with moments in 8 bits (arXiv 2110.02861), as bitsandbytes' AdamW.
class AdamW8Bit final : public optimizers::ParameterWise<State> {
 public:
  using Options = AdamW8BitOptions;
  static void describe(sift::Schema<Options>& schema) {
    schema.add("embedding_bits", &Options::embedding_bits,
               "bits of the states of the embedding, 32 (as in TRL) or 8",
               {"32 or 8", [](const sift::OptionValue& value) {
                  const auto bits = std::get<std::int64_t>(value);
                  return bits == 32 || bits == 8;
                }});
    optimizers::add_master_weights(schema);
  }

  AdamW8Bit(const Options& options, sift::OptimizerSetup setup)
      : ParameterWise(std::move(setup), options.master_weights, /*in_float32=*/true, NewState(options)) {}

  /// The keys of Optimizer2State in bitsandbytes/optim/optimizer.py.
  std::vector<GroupOption> group_options(std::size_t) const override {
    const std::vector<double> betas{setup().adam_beta1, setup().adam_beta2};
    return {{"betas", betas, Change::kWarning, {"adam_beta1", "adam_beta2"}},
            {"eps", setup().adam_epsilon, Change::kWarning, {"adam_epsilon"}},
            {"alpha", 0.0},
            {"t_alpha", {}},
            {"t_beta3", {}}};
  }

 private:
  void update(State& state, const at::Tensor& weight, const at::Tensor& grad,
              const optimizers::Rates& rates) override {
    const double beta1 = setup().adam_beta1, beta2 = setup().adam_beta2;
    const double step = state.step.add_(1).item().toDouble();
    const double correction1 = 1.0 - std::pow(beta1, step);
    const double correction2 = std::sqrt(1.0 - std::pow(beta2, step));
    const at::Tensor exp_avg = state.exp_avg_8 ? state.exp_avg_8->dequantized() : state.exp_avg;
    const at::Tensor exp_avg_sq = state.exp_avg_sq_8 ? state.exp_avg_sq_8->dequantized() : state.exp_avg_sq;

    exp_avg.mul_(beta1).add_(grad, 1.0 - beta1);
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, 1.0 - beta2);
    const at::Tensor root = (exp_avg_sq.sqrt() / correction2).add_(setup().adam_epsilon);
    if (rates.weight_decay > 0) weight.mul_(1.0 - rates.learning_rate * rates.weight_decay);
    weight.addcdiv_(exp_avg, root, -rates.learning_rate / correction1);

    if (state.exp_avg_8) state.exp_avg_8->store(exp_avg);
    if (state.exp_avg_sq_8) state.exp_avg_sq_8->store(exp_avg_sq);
  }
};

}  // namespace

SIFT_PLUGIN("adamw_8bit", "1.0.0", "AdamW with moments in 8 bits", [](sift::Registry& registry) {
  for (const char* name : {"adamw_8bit", "adamw_bnb_8bit"}) registry.add_optimizer<AdamW8Bit>(name);
})
