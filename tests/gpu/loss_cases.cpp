#include <ATen/Functions.h>
#include <fmt/format.h>

#include <memory>

#include <sift/linear_cross_entropy.h>
#include <sift/loss.h>
#include "gpu/op_case.h"

namespace sift::test {
namespace {

using Tensors = std::vector<at::Tensor>;

constexpr std::int64_t kHidden = 40;
constexpr std::int64_t kVocabulary = 1003;
constexpr std::int64_t kTokens = 57;

/// A micro-batch of `kTokens` tokens of which `scored_m` are scored.
Batch batch_of(const at::Tensor& targets_n, const at::Tensor& scored_m, at::Device device) {
  Batch batch;
  batch.targets_n = targets_n.to(device);
  batch.scored_m = scored_m.to(device);
  batch.document_starts = {0, 1, kTokens};
  batch.num_rows = 2;
  return batch;
}

using Compute = std::function<LossOutput(const LossInput&)>;

/// The loss and what the metrics read of it, for all tokens, for some and for none.
void add_loss(std::vector<OpCase>& cases, const std::string& name, const Compute& compute, double softcap) {
  const at::Tensor targets_n = at::randint(0, kVocabulary, {kTokens}, at::kLong);
  for (const std::int64_t every : {1, 3, 0}) {
    const at::Tensor scored_m =
        every == 0 ? at::empty({0}, at::kLong) : at::arange(0, kTokens, every, at::kLong);
    const auto run = [=](const Tensors& in) -> Tensors {
      const Batch batch = batch_of(targets_n, scored_m, in[0].device());
      LmHead head;
      head.weight_vh = in[1];
      head.logit_scale = 0.7;
      head.softcap = softcap;
      const LossOutput out = compute({batch, in[0], head, scored_m.numel() + 5, {true, true}});
      return {out.loss, out.stats.log_prob_m, out.stats.entropy_m};
    };
    cases.push_back(
        {fmt::format("{}{}, {} of {} tokens scored", name, softcap > 0 ? ", softcap" : "", scored_m.numel(),
                     kTokens),
         {at::randn({kTokens, kHidden}, at::kDouble), at::randn({kVocabulary, kHidden}, at::kDouble) / 4},
         run});
  }
}

}  // namespace

std::vector<OpCase> loss_cases(const PluginHost& host) {
  std::vector<OpCase> cases;
  for (const LoadedComponent* component : host.components()) {
    const auto* factory = std::get_if<LossFactory>(&component->create);
    if (factory == nullptr) continue;
    const std::shared_ptr<Loss> loss = (*factory)(component->make_options().get());
    for (const double softcap : {0.0, 5.0}) {
      add_loss(
          cases, "loss " + component->name, [loss](const LossInput& input) { return loss->compute(input); },
          softcap);
    }
  }
  CrossEntropyOptions options;
  options.chunk_rows = 11;
  options.label_smoothing = 0.1;
  options.lse_square_scale = 1e-3;
  add_loss(
      cases, "linear_cross_entropy in chunks, smoothed",
      [options](const LossInput& input) { return linear_cross_entropy(input, options); }, 0.0);
  return cases;
}

}  // namespace sift::test
