#include "ops/attention.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include <sift/saved_tensors.h>
#include "ops/block_attention.h"
#include "ops/flash_attention.h"

// Shape suffixes: n tokens, l keys, a query heads, k key/value heads, d head_dim, b blocks, w window.

namespace sift {
namespace {

/// One document.
at::Tensor attend(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd, bool causal,
                  std::optional<double> scale) {
  const auto heads_first = [](const at::Tensor& x) { return x.transpose(0, 1).unsqueeze(0); };
  const bool shared = q_nad.size(1) != k_lkd.size(1);
  const at::Tensor out_1and = keep_output({q_nad, k_lkd, v_lkd}, [&] {
    return at::scaled_dot_product_attention(heads_first(q_nad), heads_first(k_lkd), heads_first(v_lkd), {},
                                            0.0, causal, scale, shared);
  });
  return out_1and.squeeze(0).transpose(0, 1).reshape({q_nad.size(0), -1});
}

/// Blocks of equal size, each with its own keys. No fused kernel takes a mask and shared heads at once.
at::Tensor attend_masked(const at::Tensor& q_bnad, const at::Tensor& k_blkd, const at::Tensor& v_blkd,
                         const at::Tensor& mask_nl, std::optional<double> scale) {
  const std::int64_t sharing = q_bnad.size(2) / k_blkd.size(2);
  const auto heads_first = [](const at::Tensor& x) { return x.transpose(1, 2); };
  const auto repeated = [sharing](const at::Tensor& x) {
    return sharing == 1 ? x : x.repeat_interleave(sharing, 2);
  };
  const at::Tensor out_band =
      at::scaled_dot_product_attention(heads_first(q_bnad), heads_first(repeated(k_blkd)),
                                       heads_first(repeated(v_blkd)), mask_nl, 0.0, false, scale);
  return out_band.transpose(1, 2).reshape({q_bnad.size(0) * q_bnad.size(1), -1});
}

/// One document that is longer than the window w. It is cut into blocks of w tokens: the keys of a query are
/// in its own block and the one before, and the mask is the same for every block but the first.
at::Tensor attend_windowed(const at::Tensor& q_nad, const at::Tensor& k_nkd, const at::Tensor& v_nkd,
                           const AttentionOptions& options) {
  const std::int64_t window = options.window;
  const std::int64_t tokens = q_nad.size(0), blocks = tokens / window, rest = tokens % window;
  const std::int64_t whole = blocks * window;
  std::vector<at::Tensor> outs = {attend(q_nad.narrow(0, 0, window), k_nkd.narrow(0, 0, window),
                                         v_nkd.narrow(0, 0, window), true, options.scale)};

  const at::Tensor mask = options.window_mask ? options.window_mask->of(window, q_nad.device())
                                              : window_mask(window, q_nad.device());
  if (blocks > 1) {
    const auto cut = [&](const at::Tensor& x, std::int64_t first) {
      return x.narrow(0, first * window, (blocks - 1) * window).unflatten(0, {blocks - 1, window});
    };
    const auto with_previous = [&](const at::Tensor& x) { return at::cat({cut(x, 0), cut(x, 1)}, 1); };
    outs.push_back(
        attend_masked(cut(q_nad, 1), with_previous(k_nkd), with_previous(v_nkd), mask, options.scale));
  }
  if (rest > 0) {
    const auto tail = [&](const at::Tensor& x) {
      return x.narrow(0, whole - window, window + rest).unsqueeze(0);
    };
    outs.push_back(attend_masked(q_nad.narrow(0, whole, rest).unsqueeze(0), tail(k_nkd), tail(v_nkd),
                                 mask.narrow(0, 0, rest).narrow(1, 0, window + rest), options.scale));
  }
  return at::cat(outs);
}

/// The last tokens of one document.
at::Tensor attend_causal(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
                         const AttentionOptions& options) {
  // the causal mask of the fused kernels begins with the first key
  if (options.softcap != 0.0 || q_nad.size(0) != k_lkd.size(0))
    return block_attention(q_nad, k_lkd, v_lkd, options);
  const bool whole = options.window == 0 || q_nad.size(0) <= options.window;
  return whole ? attend(q_nad, k_lkd, v_lkd, true, options.scale)
               : attend_windowed(q_nad, k_lkd, v_lkd, options);
}

}  // namespace

double scale_of(const AttentionOptions& options, const at::Tensor& q_nad) {
  return options.scale.value_or(1.0 / std::sqrt(static_cast<double>(q_nad.size(2))));
}

at::Tensor window_mask(std::int64_t window, at::Device device) {
  // Row r sees, of the keys from the block before on, those after r up to r + w.
  const at::Tensor all = at::ones({window, 2 * window}, at::TensorOptions().dtype(at::kBool).device(device));
  return all.triu(1).tril(window);
}

const at::Tensor& SharedWindowMask::of(std::int64_t window, at::Device device) {
  if (!mask_.defined()) mask_ = window_mask(window, device);
  return mask_;
}

at::Tensor document_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
                              const std::vector<std::int64_t>& document_starts,
                              const AttentionOptions& options) {
  if (supports_flash_attention(q_nad, k_lkd, v_lkd, document_starts, options)) {
    return flash_attention(q_nad, k_lkd, v_lkd, document_starts, options);
  }
  if (document_starts.size() == 2) return attend_causal(q_nad, k_lkd, v_lkd, options);
  std::vector<std::int64_t> lengths;
  for (std::size_t i = 1; i < document_starts.size(); ++i) {
    lengths.push_back(document_starts[i] - document_starts[i - 1]);
  }
  std::vector<std::int64_t> queries = lengths;
  queries.front() -= k_lkd.size(0) - q_nad.size(0);
  // In backward, split is one cat; slices would take a buffer of the whole batch for each document.
  const auto q = q_nad.split_with_sizes(queries);
  const auto k = k_lkd.split_with_sizes(lengths);
  const auto v = v_lkd.split_with_sizes(lengths);
  std::vector<at::Tensor> outs;
  for (std::size_t i = 0; i < lengths.size(); ++i) outs.push_back(attend_causal(q[i], k[i], v[i], options));
  return at::cat(outs);
}

at::Tensor tail_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
                          const AttentionOptions& options) {
  if (options.softcap != 0.0) return block_attention(q_nad, k_lkd, v_lkd, options);
  if (q_nad.size(0) > 1) return attend_causal(q_nad, k_lkd, v_lkd, options);
  const std::int64_t keys = k_lkd.size(0);
  const std::int64_t seen = options.window == 0 ? keys : std::min(options.window, keys);
  return attend(q_nad, k_lkd.narrow(0, keys - seen, seen), v_lkd.narrow(0, keys - seen, seen), false,
                options.scale);
}

}  // namespace sift
