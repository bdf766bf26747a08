#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include <sift/loss.h>

// Shape suffixes: n tokens, m scored tokens of them, c scored tokens of a chunk, b of a block of it, h hidden
// size, v vocabulary.

namespace sift {

/// The options of the operators on the head.
struct HeadOptions {
  double logit_scale = 1.0;
  double softcap = 0.0;                       ///< 0: none
  at::ScalarType compute_dtype = at::kFloat;  ///< of the matrix products
  std::int64_t chunk_rows = 0;                ///< scored tokens of a chunk; 0: chosen from the vocabulary

  /// Options for the head of the input; the compute dtype is that of autocast, or else of the hidden states.
  static HeadOptions of(const LossInput& input);
};

/// The dtype of everything after the product: float32, or float64 if that is the compute dtype.
at::ScalarType stats_dtype(at::ScalarType compute_dtype);

/// The head over the scored tokens, chunk by chunk, through one reused buffer of logits. Each of its
/// gradients takes one matrix product per chunk. The operations after the logits pass over them several
/// times, so they process one block of the chunk at a time, which stays in the CPU cache.
class ChunkedHead {
 public:
  ChunkedHead(const at::Tensor& hidden_nh, const at::Tensor& scored_m, const at::Tensor& weight_vh,
              const at::Tensor& bias_v, const HeadOptions& options);

  const at::Tensor& weight_vh() const { return weight_vh_; }
  at::Tensor x_ch(std::int64_t begin, std::int64_t count) const { return x_mh_.narrow(0, begin, count); }

  /// `begin` is the first scored token of the logits.
  using Visit = std::function<void(std::int64_t begin, const at::Tensor& logits)>;
  /// Calls `visit` with the raw logits of each chunk in order. They are valid until it returns, and it may
  /// overwrite them.
  void each_chunk(const Visit& visit);
  /// Calls `visit` with each block of the chunk that begins at `begin`.
  void each_block(std::int64_t begin, const at::Tensor& logits_cv, const Visit& visit) const;

  /// float32 logits after scale and softcap: in place if the logits are already float32.
  at::Tensor finish(const at::Tensor& raw_bv) const;
  /// The derivative of the softcap in `finish`, 1 - tanh^2, as a separate tensor; undefined without softcap.
  at::Tensor softcap_slope(const at::Tensor& z_bv) const;
  /// Propagates the gradient dz of the finished logits back through softcap and scale, in place, and stores
  /// it over the raw logits, rounded to the compute dtype as TRL does.
  void store_gradient(const at::Tensor& dz_bv, const at::Tensor& slope_bv, const at::Tensor& raw_bv) const;

 private:
  HeadOptions options_;
  at::Tensor x_mh_;
  at::Tensor weight_vh_;
  at::Tensor bias_v_;
  at::Tensor buffer_cv_;
  std::int64_t block_rows_ = 0;
};

/// Gradients of hidden states, weight and bias, accumulated over chunks in float32 for every compute dtype.
class HeadGradients {
 public:
  struct Wanted {
    bool hidden = true;
    bool weight = true;
    bool bias = true;
  };
  HeadGradients(const at::Tensor& hidden_nh, const at::Tensor& weight_vh, const at::Tensor& bias_v,
                at::ScalarType sum_dtype, const Wanted& wanted);

  /// Adds the part of the chunk that begins at the scored token `begin`; dz is that of the raw logits.
  void add(const ChunkedHead& head, const at::Tensor& scored_m, std::int64_t begin, const at::Tensor& dz_cv);

  /// In the dtype of the corresponding tensors; undefined if not requested. Called once, at the end.
  at::Tensor hidden_nh() const { return hidden_nh_; }
  at::Tensor weight_vh() const;
  at::Tensor bias_v() const;

 private:
  at::ScalarType sum_dtype_;
  at::ScalarType weight_dtype_;
  at::ScalarType bias_dtype_ = at::kFloat;
  at::Tensor hidden_nh_;
  at::Tensor weight_vh_;
  at::Tensor bias_v_;
  bool any_added_ = false;  ///< the first product of the weight is stored, not added to zeros
};

}  // namespace sift
