#pragma once

#include <ATen/core/Tensor.h>

namespace sift {

/// The activation of the gate of a gated linear unit.
enum class Activation { kSilu, kGeluTanh };

/// activation(gate) * up (arXiv 2002.05202: SwiGLU and, with the tanh form of gelu, GEGLU). Keeps only its
/// two inputs for backward; plain ATen keeps activation(gate) too.
at::Tensor gated_unit(const at::Tensor& gate, const at::Tensor& up, Activation activation);

// Its forward and backward, for operators that contain it. Neither records a graph.

at::Tensor gated_unit_forward(const at::Tensor& gate, const at::Tensor& up, Activation activation);

struct GateGradients {
  at::Tensor gate, up;
};
GateGradients gated_unit_backward(const at::Tensor& grad, const at::Tensor& gate, const at::Tensor& up,
                                  Activation activation);

}  // namespace sift
