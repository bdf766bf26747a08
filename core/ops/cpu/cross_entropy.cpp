#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <optional>

#include "ops/cpu/supports.h"
#include "ops/operators.h"

// Shape suffixes: c scored tokens of a chunk or block, v vocabulary.

namespace sift::cpu {
namespace {

/// The outputs of each row of logits.
struct Outputs {
  const at::Tensor &log_z_c, &log_prob_c;
  const std::optional<at::Tensor>&entropy_c, &is_top1_c, &mean_logit_c;
};

/// Fills the outputs from the rows of z_cv, in two passes over each and on all cores. `finish` gets each row
/// while it is in the cache, with exp(z - max) in place of z, and its sum.
template <class T, class Finish>
void each_softmax_row(const at::Tensor& z_cv, const at::Tensor& target_c, const Outputs& outputs,
                      const Finish& finish) {
  if (outputs.mean_logit_c) outputs.mean_logit_c->copy_(z_cv.mean(1));
  const std::int64_t size = z_cv.size(1);
  T* const z = out<T>(z_cv);
  const at::Tensor dense_target_c = target_c.contiguous();
  const std::int64_t* const target = in<std::int64_t>(dense_target_c);
  T *const log_z = out<T>(outputs.log_z_c), *const log_prob = out<T>(outputs.log_prob_c);
  T* const entropy = outputs.entropy_c ? out<T>(*outputs.entropy_c) : nullptr;
  bool* const is_top1 = outputs.is_top1_c ? out<bool>(*outputs.is_top1_c) : nullptr;
  at::parallel_for(0, z_cv.size(0), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      RowStats<T> stats;
      T* const z_v = z + row * size;
      const double sum = softmax_row(size, z_v, target[row], stats);
      log_z[row] = stats.log_z;
      log_prob[row] = stats.log_prob;
      if (entropy != nullptr) entropy[row] = stats.entropy;
      if (is_top1 != nullptr) is_top1[row] = stats.is_top1;
      finish(row, z_v, target[row], sum, stats);
    }
  });
}

at::Tensor softmax_stats(const at::Tensor& z_cv, const at::Tensor& target_c, const at::Tensor& log_z_c,
                         const at::Tensor& log_prob_c, const std::optional<at::Tensor>& entropy_c,
                         const std::optional<at::Tensor>& is_top1_c,
                         const std::optional<at::Tensor>& mean_logit_c) {
  at::Tensor sum_c = at::empty({z_cv.size(0)}, z_cv.options());
  with_type(z_cv, [&](auto zero) {
    using T = decltype(zero);
    T* const sums = out<T>(sum_c);
    each_softmax_row<T>(z_cv, target_c, {log_z_c, log_prob_c, entropy_c, is_top1_c, mean_logit_c},
                        [sums](std::int64_t row, T*, std::int64_t, double sum, const RowStats<T>&) {
                          sums[row] = static_cast<T>(sum);
                        });
  });
  return sum_c;
}

// With p the softmax, dz = (p (1 + 2 s log Z) - e / V - (1 - e) onehot) / num_items.
void cross_entropy(const at::Tensor& logits_cv, const at::Tensor& target_c, const at::Tensor& log_z_c,
                   const at::Tensor& log_prob_c, const std::optional<at::Tensor>& entropy_c,
                   const std::optional<at::Tensor>& is_top1_c, const std::optional<at::Tensor>& mean_logit_c,
                   double logit_scale, double label_smoothing, double lse_square_scale, double num_items) {
  if (logit_scale != 1.0) logits_cv.mul_(logit_scale);
  const std::int64_t size = logits_cv.size(1);
  const double each = logit_scale / num_items;
  with_type(logits_cv, [&](auto zero) {
    using T = decltype(zero);
    each_softmax_row<T>(
        logits_cv, target_c, {log_z_c, log_prob_c, entropy_c, is_top1_c, mean_logit_c},
        [&](std::int64_t, T* z_v, std::int64_t target, double sum, const RowStats<T>& stats) {
          const double z_loss = 1.0 + 2.0 * lse_square_scale * static_cast<double>(stats.log_z);
          softmax_gradient_row(
              size, z_v, target,
              RowGradient<T>{static_cast<T>(each * z_loss / sum),
                             static_cast<T>(each * label_smoothing / static_cast<double>(size)),
                             static_cast<T>(each * (1.0 - label_smoothing))});
        });
  });
}

[[maybe_unused]] const bool kCrossEntropyRegistered =
    available() &&
    op::softmax_stats.add_version(
        at::kCPU,
        [](const at::Tensor& z_cv, const at::Tensor&, const at::Tensor& log_z_c, auto...) {
          return supports({z_cv, log_z_c});
        },
        softmax_stats) &&
    op::cross_entropy.add_version(
        at::kCPU,
        [](const at::Tensor& logits_cv, const at::Tensor&, const at::Tensor& log_z_c, auto...) {
          return supports({logits_cv, log_z_c});
        },
        cross_entropy);

}  // namespace
}  // namespace sift::cpu
