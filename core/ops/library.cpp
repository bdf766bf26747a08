#include <torch/library.h>

// The fused operators. Each has its contract and its graph for autograd in the header and the source of its
// name; a device's own versions lie in the folder of that device and register themselves with
// TORCH_LIBRARY_IMPL(sift, CPU, ...): cpu/ has those for a CPU, and another folder can stand beside it.
// flash_attention and cross_entropy_ have none in plain ATen: their callers ask has_version() first.

TORCH_LIBRARY(sift, library) {
  library.def("rms_norm(Tensor x, Tensor weight, float eps, bool offset) -> (Tensor y, Tensor rstd)");
  library.def(
      "rms_norm_backward(Tensor grad, Tensor x, Tensor weight, Tensor rstd, bool offset) -> "
      "(Tensor x, Tensor weight)");
  library.def("gated_unit(Tensor gate, Tensor up, bool silu) -> Tensor");
  library.def(
      "gated_unit_backward(Tensor grad, Tensor gate, Tensor up, bool silu) -> (Tensor gate, Tensor up)");
  library.def("rotary(Tensor x, Tensor cos, Tensor sin, bool back) -> Tensor");
  library.def(
      "flash_attention(Tensor q, Tensor k, Tensor v, int[] starts, int window, float scale) -> "
      "(Tensor out, Tensor lse)");
  library.def(
      "flash_attention_backward(Tensor grad, Tensor q, Tensor k, Tensor v, Tensor out, Tensor lse, "
      "int[] starts, int window, float scale) -> (Tensor q, Tensor k, Tensor v)");
  library.def(
      "softmax_stats_(Tensor(a!) logits, Tensor target, Tensor(b!) log_z, Tensor(c!) log_prob, "
      "Tensor(d!)? entropy, Tensor(e!)? is_top1, Tensor(f!)? mean_logit) -> Tensor sum");
  library.def(
      "cross_entropy_(Tensor(a!) logits, Tensor target, Tensor(b!) log_z, Tensor(c!) log_prob, "
      "Tensor(d!)? entropy, Tensor(e!)? is_top1, Tensor(f!)? mean_logit, float logit_scale, "
      "float label_smoothing, float lse_square_scale, float num_items) -> ()");
  library.def(
      "adamw_(Tensor(a!)[] weights, Tensor(b!)[] grads, Tensor(c!)[] exp_avgs, Tensor(d!)[] exp_avg_sqs, "
      "Tensor[] steps, Tensor grad_scale, Tensor? found_inf, float lr, float beta1, float beta2, "
      "float weight_decay, float eps) -> ()");
}
