#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "ops/operators.h"

namespace sift::cpu {
namespace {

/// Numbers of a gradient that the cache of a core keeps after scaling, until they are used. A multiple of
/// every vector's size: the numbers left for scalar code depend on the tensor alone.
constexpr std::int64_t kBlock = 1 << 15;

struct Block {
  std::size_t parameter;
  std::int64_t begin, size;
};

std::vector<Block> blocks_of(at::TensorList tensors) {
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    for (std::int64_t begin = 0; begin < tensors[i].numel(); begin += kBlock) {
      blocks.push_back({i, begin, std::min(kBlock, tensors[i].numel() - begin)});
    }
  }
  return blocks;
}

/// LibTorch's own loops, block by block, so that the gradient is read from memory once and never written.
/// They have a scale too, but divide by it, which does not round as clipping does.
void adamw_update(at::TensorList weights, at::TensorList grads, at::TensorList exp_avgs,
                  at::TensorList exp_avg_sqs, at::TensorList steps, const at::Tensor& grad_scale,
                  const std::optional<at::Tensor>& found_inf, double lr, double beta1, double beta2,
                  double weight_decay, double eps) {
  if (found_inf && found_inf->defined() && found_inf->item().toBool()) return;
  const std::vector<Block> blocks = blocks_of(weights);
  at::parallel_for(0, static_cast<std::int64_t>(blocks.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    const at::AutoDispatchBelowADInplaceOrView below_autograd;  // the guard of the caller's thread is its own
    const at::Tensor buffer = at::empty({kBlock}, grads[0].options());
    for (std::int64_t i = begin; i < end; ++i) {
      const Block& block = blocks[static_cast<std::size_t>(i)];
      const auto part = [&block](at::TensorList list) {
        return list[block.parameter].view(-1).narrow(0, block.begin, block.size);
      };
      at::Tensor grad = buffer.narrow(0, 0, block.size);
      at::mul_out(grad, part(grads), grad_scale);
      at::_fused_adamw_(part(weights), grad, part(exp_avgs), part(exp_avg_sqs), /*max_exp_avg_sqs=*/{},
                        steps[block.parameter], lr, beta1, beta2, weight_decay, eps, /*amsgrad=*/false,
                        /*maximize=*/false);
    }
  });
}

[[maybe_unused]] const bool kAdamWRegistered = op::adamw_update.add_version(
    at::kCPU, [](auto...) { return true; }, adamw_update);

}  // namespace
}  // namespace sift::cpu
