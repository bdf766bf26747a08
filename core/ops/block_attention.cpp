#include "ops/block_attention.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <functional>
#include <limits>

#include <sift/saved_tensors.h>
#include "device/no_autocast.h"

// Shape suffixes: n queries, l keys, a query heads, k key/value heads, g query heads that share one, d
// head_dim; b queries of a block and m keys that they see; r = g * b.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// The size of the scores of one block: on a CPU they stay in its cache.
constexpr std::int64_t kCpuScoreBytes = 4 << 20;
constexpr std::int64_t kScoreBytes = 128 << 20;
constexpr std::int64_t kMinBlockRows = 16;

at::ScalarType wide_dtype(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

/// total += a b
void add_product(const at::Tensor& total, const at::Tensor& a, const at::Tensor& b) {
  if (a.scalar_type() == total.scalar_type()) {
    total.baddbmm_(a, b);
  } else {
    total.add_(at::bmm(a, b));
  }
}

/// Queries and the keys that any of them sees.
struct Block {
  std::int64_t query = 0, num_queries = 0;
  std::int64_t key = 0, num_keys = 0;
  at::Tensor hidden_bm;  ///< true where a query does not see a key; undefined where all see all
};

/// One document's attention, block by block.
class Blocks {
 public:
  Blocks(const at::Tensor& q_nad, const at::Tensor& k_lkd, std::int64_t window, double scale, double softcap)
      : q_nad_(q_nad),
        k_kld_(k_lkd.transpose(0, 1)),
        window_(window),
        scale_(scale),
        softcap_(softcap),
        sharing_(q_nad.size(1) / k_lkd.size(1)) {}

  void each(const std::function<void(const Block&)>& visit) const {
    const std::int64_t queries = q_nad_.size(0), keys = k_kld_.size(1), first = keys - queries;
    const std::int64_t seen = window_ > 0 ? std::min(window_, keys) : keys;
    const std::int64_t row_bytes = q_nad_.size(1) * seen * static_cast<std::int64_t>(sizeof(float));
    std::int64_t rows = (q_nad_.is_cpu() ? kCpuScoreBytes : kScoreBytes) / row_bytes;
    if (window_ > 0) rows = std::min(rows, window_);  // the rows of a block see no more than two windows
    rows = std::max(rows, kMinBlockRows);
    for (std::int64_t begin = 0; begin < queries; begin += rows) {
      Block block;
      block.query = begin;
      block.num_queries = std::min(rows, queries - begin);
      const std::int64_t position = first + begin;
      block.key = window_ > 0 ? std::max<std::int64_t>(0, position - window_ + 1) : 0;
      block.num_keys = position + block.num_queries - block.key;
      block.hidden_bm = hidden_bm(block, position - block.key);
      visit(block);
    }
  }

  bool has_cap() const { return softcap_ != 0.0; }
  /// scale q k^T, or, with a cap, tanh(scale q k^T / c)
  at::Tensor scores_krm(const Block& block) const {
    const at::Tensor scores_krm = at::bmm(queries_krd(block), keys_kmd(block).transpose(1, 2));
    const at::Tensor wide_krm = scores_krm.to(wide_dtype(q_nad_));
    return has_cap() ? wide_krm.mul_(scale_ / softcap_).tanh_() : wide_krm.mul_(scale_);
  }
  /// Scores of the visible keys, capped, -infinity elsewhere; in place.
  void finish(const at::Tensor& scores_krm, const Block& block) const {
    if (has_cap()) scores_krm.mul_(softcap_);
    if (!block.hidden_bm.defined()) return;
    scores_krm.unflatten(1, {sharing_, block.num_queries})
        .masked_fill_(block.hidden_bm, -std::numeric_limits<double>::infinity());
  }

  at::Tensor keys_kmd(const Block& block) const { return k_kld_.narrow(1, block.key, block.num_keys); }
  at::Tensor queries_krd(const Block& block) const { return to_blocks(q_nad_, block); }
  /// Rows of x of the block's queries, by key/value head.
  at::Tensor to_blocks(const at::Tensor& x_nad, const Block& block) const {
    return x_nad.narrow(0, block.query, block.num_queries)
        .unflatten(1, {-1, sharing_})
        .permute({1, 2, 0, 3})
        .flatten(1, 2);
  }
  /// The inverse of to_blocks, into x.
  void from_blocks(const at::Tensor& y_krd, const Block& block, const at::Tensor& x_nad) const {
    x_nad.narrow(0, block.query, block.num_queries)
        .unflatten(1, {-1, sharing_})
        .copy_(y_krd.unflatten(1, {sharing_, block.num_queries}).permute({2, 0, 1, 3}));
  }
  double scale() const { return scale_; }

 private:
  /// With the first query at `offset` from the first key, query i sees the keys up to offset + i, the last
  /// `window` of them.
  at::Tensor hidden_bm(const Block& block, std::int64_t offset) const {
    const bool all_seen = block.num_queries == 1 && (window_ == 0 || block.num_keys <= window_);
    if (all_seen) return {};
    const at::Tensor ones_bm =
        at::ones({block.num_queries, block.num_keys}, q_nad_.options().dtype(at::kBool).requires_grad(false));
    const at::Tensor later_bm = ones_bm.triu(offset + 1);
    return window_ > 0 ? later_bm.logical_or_(ones_bm.tril(offset - window_)) : later_bm;
  }

  at::Tensor q_nad_;
  at::Tensor k_kld_;
  std::int64_t window_;
  double scale_;
  double softcap_;
  std::int64_t sharing_;
};

class BlockAttention : public torch::autograd::Function<BlockAttention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& q_nad, const at::Tensor& k_lkd,
                            const at::Tensor& v_lkd, std::int64_t window, double scale, double softcap) {
    const NoAutocast plain(q_nad.device().type());
    const Blocks blocks(q_nad, k_lkd, window, scale, softcap);
    const at::Tensor v_kld = v_lkd.transpose(0, 1);
    at::Tensor out_nad = at::empty(q_nad.sizes(), q_nad.options().requires_grad(false));
    const at::Tensor log_z_na1 = at::empty({q_nad.size(0), q_nad.size(1), 1},
                                           q_nad.options().dtype(wide_dtype(q_nad)).requires_grad(false));
    blocks.each([&](const Block& block) {
      const at::Tensor z_krm = blocks.scores_krm(block);
      blocks.finish(z_krm, block);
      const at::Tensor max_kr1 = z_krm.amax(-1, true);
      z_krm.sub_(max_kr1).exp_();
      const at::Tensor sum_kr1 = z_krm.sum(-1, true);
      z_krm.div_(sum_kr1);
      const at::Tensor v_kmd = v_kld.narrow(1, block.key, block.num_keys);
      blocks.from_blocks(at::bmm(z_krm.to(v_kmd.scalar_type()), v_kmd), block, out_nad);
      blocks.from_blocks(sum_kr1.log().add_(max_kr1), block, log_z_na1);
    });
    ctx->save_for_backward({q_nad, k_lkd, v_lkd, out_nad, log_z_na1});
    ctx->saved_data["window"] = window;
    ctx->saved_data["scale"] = scale;
    ctx->saved_data["softcap"] = softcap;
    return out_nad;
  }

  // With t = tanh(scale s / c), z = c t, p = softmax(z) and y = p v: dv = p^T dy, dz = p (dy v^T - sum_d dy
  // y), ds = scale (1 - t^2) dz, dq = ds k, dk = ds^T q. Without a cap, z = scale s and ds = scale dz.
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor &q_nad = saved[0], &k_lkd = saved[1], &v_lkd = saved[2], &out_nad = saved[3];
    const at::Tensor& log_z_na1 = saved[4];
    const NoAutocast plain(q_nad.device().type());
    const at::ScalarType wide = wide_dtype(q_nad), narrow = q_nad.scalar_type();
    const Blocks blocks(q_nad, k_lkd, ctx->saved_data["window"].toInt(), ctx->saved_data["scale"].toDouble(),
                        ctx->saved_data["softcap"].toDouble());
    const at::Tensor v_kld = v_lkd.transpose(0, 1);
    const at::Tensor dq_nad = at::empty_like(q_nad, at::MemoryFormat::Contiguous);
    const at::Tensor dk_kld = at::zeros(v_kld.sizes(), v_kld.options().dtype(wide));
    const at::Tensor dv_kld = at::zeros_like(dk_kld);
    blocks.each([&](const Block& block) {
      const at::Tensor dy_krd = blocks.to_blocks(grads[0], block);
      const at::Tensor y_krd = blocks.to_blocks(out_nad, block);
      const at::Tensor v_kmd = v_kld.narrow(1, block.key, block.num_keys);
      const at::Tensor scores_krm = blocks.scores_krm(block);
      const at::Tensor p_krm = blocks.has_cap() ? scores_krm.clone() : scores_krm;
      blocks.finish(p_krm, block);
      p_krm.sub_(blocks.to_blocks(log_z_na1, block)).exp_();
      add_product(dv_kld.narrow(1, block.key, block.num_keys), p_krm.to(narrow).transpose(1, 2), dy_krd);

      const at::Tensor ds_krm = at::bmm(dy_krd, v_kmd.transpose(1, 2)).to(wide);
      ds_krm.sub_((dy_krd.to(wide) * y_krd.to(wide)).sum(-1, true)).mul_(p_krm);
      if (blocks.has_cap()) ds_krm.mul_(scores_krm.square_().neg_().add_(1.0));
      ds_krm.mul_(blocks.scale());
      const at::Tensor narrow_ds_krm = ds_krm.to(narrow);
      blocks.from_blocks(at::bmm(narrow_ds_krm, blocks.keys_kmd(block)), block, dq_nad);
      add_product(dk_kld.narrow(1, block.key, block.num_keys), narrow_ds_krm.transpose(1, 2),
                  blocks.queries_krd(block));
    });
    return {dq_nad,
            dk_kld.transpose(0, 1).to(narrow),
            dv_kld.transpose(0, 1).to(narrow),
            at::Tensor(),
            at::Tensor(),
            at::Tensor()};
  }
};

}  // namespace

at::Tensor block_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
                           const AttentionOptions& options) {
  const double scale = scale_of(options, q_nad);
  const at::Tensor q = as_product_input(q_nad), k = as_product_input(k_lkd), v = as_product_input(v_lkd);
  const at::Tensor out_nad = keep_output(
      {q, k, v}, [&] { return BlockAttention::apply(q, k, v, options.window, scale, options.softcap); });
  return out_nad.flatten(1);
}

}  // namespace sift
