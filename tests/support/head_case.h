#pragma once

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <vector>

#include <sift/loss.h>

// Shape suffixes: n tokens, m scored tokens, h hidden size, v vocabulary.

namespace sift::test {

/// Hidden states, a head and targets, of which every second one is scored.
struct HeadCase {
  Batch batch;
  at::Tensor hidden_nh;
  LmHead head;

  std::vector<at::Tensor> leaves() const {
    std::vector<at::Tensor> leaves = {hidden_nh, head.weight_vh};
    if (head.bias_v.defined()) leaves.push_back(head.bias_v);
    return leaves;
  }
};

inline HeadCase make_head_case(std::int64_t vocab, std::int64_t tokens, at::ScalarType dtype,
                               bool bias = false, std::int64_t hidden = 6) {
  at::manual_seed(11);
  const auto options = at::TensorOptions().dtype(at::kDouble);
  HeadCase made;
  made.hidden_nh = at::randn({tokens, hidden}, options).to(dtype).requires_grad_();
  made.head.weight_vh = at::randn({vocab, hidden}, options).to(dtype).requires_grad_();
  if (bias) made.head.bias_v = at::randn({vocab}, options).to(dtype).requires_grad_();
  made.batch.targets_n = at::randint(0, vocab, {tokens}, at::kLong);
  made.batch.scored_m = at::arange(1, tokens, 2, at::kLong);
  made.batch.document_starts = {0, tokens};
  return made;
}

/// The same numbers in double, for a reference without rounding.
inline HeadCase widened(const HeadCase& c) {
  HeadCase wide = c;
  wide.hidden_nh = c.hidden_nh.detach().to(at::kDouble).requires_grad_();
  wide.head.weight_vh = c.head.weight_vh.detach().to(at::kDouble).requires_grad_();
  if (c.head.bias_v.defined()) wide.head.bias_v = c.head.bias_v.detach().to(at::kDouble).requires_grad_();
  return wide;
}

/// All logits of the scored tokens by plain ATen, differentiable.
inline at::Tensor plain_logits_mv(const HeadCase& c) {
  at::Tensor z_mv = at::matmul(c.hidden_nh.index_select(0, c.batch.scored_m), c.head.weight_vh.t());
  if (c.head.bias_v.defined()) z_mv = z_mv + c.head.bias_v;
  z_mv = z_mv * c.head.logit_scale;
  if (c.head.softcap != 0) z_mv = (z_mv / c.head.softcap).tanh() * c.head.softcap;
  return z_mv;
}

}  // namespace sift::test
