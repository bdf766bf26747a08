#include "ops/context_attention.h"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include <sift/saved_tensors.h>
#include "device/no_autocast.h"
#include "ops/context_division.h"
#include "ops/flash_attention.h"
#include "ops/operators.h"

// Shape suffixes: n tokens of this process, l of all processes, c of a chunk, m that its queries see, a query
// heads, k key/value heads, d head_dim.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// ctx's map cannot hold our types, so the recipe is stored as an owned object.
struct ContextRecipe : torch::CustomClassHolder {
  ContextRecipe(ContextTokens of_tokens, AttentionOptions of_options, bool fused)
      : tokens(std::move(of_tokens)), options(std::move(of_options)), is_fused(fused) {}
  ContextTokens tokens;
  AttentionOptions options;
  bool is_fused;
};

/// A chunk of this process, which is not empty, and what its queries may see: all tokens from the beginning
/// of its first document to its end.
struct Chunk {
  std::int64_t row = 0, num_rows = 0;  ///< of this process
  TokenRange seen;                     ///< of all tokens
  std::vector<std::int64_t> starts;    ///< of the documents in `seen`
};

std::vector<Chunk> chunks_of(const ContextTokens& tokens) {
  const std::vector<std::int64_t>& starts = tokens.document_starts;
  const ContextDivision division(starts.back(), tokens.exchange->size());
  std::vector<Chunk> chunks;
  std::int64_t row = 0;
  for (const TokenRange& range : division.ranges(tokens.exchange->rank())) {
    if (range.size() == 0) continue;
    auto start = std::ranges::upper_bound(starts, range.begin) - 1;
    Chunk chunk{row, range.size(), {*start, range.end}, {}};
    for (; *start < range.end; ++start) chunk.starts.push_back(*start - chunk.seen.begin);
    chunk.starts.push_back(chunk.seen.size());
    chunks.push_back(std::move(chunk));
    row += range.size();
  }
  return chunks;
}

/// One chunk's attention.
class ChunkAttention {
 public:
  /// From the queries of this process and the keys and values of all tokens.
  ChunkAttention(const Chunk& chunk, const at::Tensor& q_nad, const std::vector<at::Tensor>& kv_lkd,
                 const AttentionOptions& options)
      : starts_(chunk.starts),
        options_(options),
        scale_(scale_of(options, q_nad)),
        q_cad_(q_nad.narrow(0, chunk.row, chunk.num_rows)),
        k_mkd_(kv_lkd[0].narrow(0, chunk.seen.begin, chunk.seen.size())),
        v_mkd_(kv_lkd[1].narrow(0, chunk.seen.begin, chunk.seen.size())) {}

  at::Tensor forward() const {
    return document_attention(q_cad_, k_mkd_, v_mkd_, starts_, options_).view(q_cad_.sizes());
  }
  /// The gradients of queries, keys and values. Runs forward() again, since not every kind of attention has a
  /// backward pass that could be called.
  variable_list backward(const at::Tensor& grad_cad) const {
    const at::AutoGradMode with_graph(true);
    const auto leaf = [](const at::Tensor& x) { return x.detach().requires_grad_(); };
    const variable_list in = {leaf(q_cad_), leaf(k_mkd_), leaf(v_mkd_)};
    const at::Tensor out_ch = document_attention(in[0], in[1], in[2], starts_, options_);
    return torch::autograd::grad({out_ch}, in, {grad_cad.flatten(1)});
  }

  /// Result and log-sum-exp of the fused operator.
  std::tuple<at::Tensor, at::Tensor> fused_forward() const {
    return op::flash_attention(q_cad_, k_mkd_, v_mkd_, starts_, options_.window, scale_);
  }
  variable_list fused_backward(const at::Tensor& grad_cad, const at::Tensor& out_cad,
                               const at::Tensor& lse_ac) const {
    auto [q, k, v] = op::flash_attention_backward(grad_cad, q_cad_, k_mkd_, v_mkd_, out_cad, lse_ac, starts_,
                                                  options_.window, scale_);
    return {q, k, v};
  }

 private:
  const std::vector<std::int64_t>& starts_;
  const AttentionOptions& options_;
  double scale_;
  at::Tensor q_cad_, k_mkd_, v_mkd_;
};

class ContextAttention : public torch::autograd::Function<ContextAttention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& q_nad, const at::Tensor& k_nkd,
                            const at::Tensor& v_nkd, const c10::intrusive_ptr<ContextRecipe>& recipe) {
    const NoAutocast plain(q_nad.device().type());
    at::Tensor out_nad = at::empty_like(q_nad);
    variable_list saved = {q_nad, k_nkd, v_nkd};
    if (recipe->is_fused) saved.push_back(out_nad);
    const std::vector<at::Tensor> kv_lkd = gathered(*recipe, k_nkd, v_nkd);
    for (const Chunk& chunk : chunks_of(recipe->tokens)) {
      const ChunkAttention attention(chunk, q_nad, kv_lkd, recipe->options);
      const at::Tensor out_cad = out_nad.narrow(0, chunk.row, chunk.num_rows);
      if (!recipe->is_fused) {
        out_cad.copy_(attention.forward());
        continue;
      }
      const auto [result_cad, lse_ac] = attention.fused_forward();
      out_cad.copy_(result_cad);
      saved.push_back(lse_ac);
    }
    ctx->save_for_backward(std::move(saved));
    ctx->saved_data["recipe"] = c10::IValue::make_capsule(recipe);
    return out_nad;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor &q_nad = saved[0], &k_nkd = saved[1], &v_nkd = saved[2];
    const auto recipe =
        c10::static_intrusive_pointer_cast<ContextRecipe>(ctx->saved_data["recipe"].toCapsule());
    const NoAutocast plain(q_nad.device().type());
    const at::Tensor grad_nad = grads[0].contiguous(), grad_q_nad = at::empty_like(q_nad);
    const std::vector<at::Tensor> kv_lkd = gathered(*recipe, k_nkd, v_nkd);
    const at::ScalarType wide = k_nkd.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    std::vector<at::Tensor> grad_kv_lkd;
    for (const at::Tensor& x : kv_lkd) grad_kv_lkd.push_back(at::zeros_like(x, x.options().dtype(wide)));
    std::size_t next_lse = kFirstLse;
    for (const Chunk& chunk : chunks_of(recipe->tokens)) {
      const ChunkAttention attention(chunk, q_nad, kv_lkd, recipe->options);
      const auto own = [&](const at::Tensor& x) { return x.narrow(0, chunk.row, chunk.num_rows); };
      const variable_list of_chunk =
          recipe->is_fused ? attention.fused_backward(own(grad_nad), own(saved[kOut]), saved[next_lse++])
                           : attention.backward(own(grad_nad));
      own(grad_q_nad).copy_(of_chunk[0]);
      for (std::size_t i = 0; i < grad_kv_lkd.size(); ++i)
        grad_kv_lkd[i].narrow(0, chunk.seen.begin, chunk.seen.size()).add_(of_chunk[i + 1]);
    }
    const std::vector<at::Tensor> grad_kv = recipe->tokens.exchange->summed_parts(grad_kv_lkd);
    return {grad_q_nad, grad_kv[0].to(k_nkd.scalar_type()), grad_kv[1].to(v_nkd.scalar_type()), {}};
  }

 private:
  /// Places among the saved tensors, of the fused operator.
  static constexpr std::size_t kOut = 3, kFirstLse = 4;

  static std::vector<at::Tensor> gathered(const ContextRecipe& recipe, const at::Tensor& k_nkd,
                                          const at::Tensor& v_nkd) {
    return recipe.tokens.exchange->whole({k_nkd, v_nkd}, recipe.tokens.document_starts.back());
  }
};

}  // namespace

at::Tensor context_attention(const at::Tensor& q_nad, const at::Tensor& k_nkd, const at::Tensor& v_nkd,
                             const ContextTokens& tokens, const AttentionOptions& options) {
  const bool is_fused = supports_flash_attention(q_nad, k_nkd, v_nkd, tokens.document_starts, options);
  const auto input = [is_fused](const at::Tensor& x) {
    return (is_fused ? x : as_product_input(x)).contiguous();
  };
  const at::Tensor q = input(q_nad), k = input(k_nkd), v = input(v_nkd);
  const auto recipe = c10::make_intrusive<ContextRecipe>(tokens, options, is_fused);
  const at::Tensor out_nad = keep_output({q, k, v}, [&] { return ContextAttention::apply(q, k, v, recipe); });
  return out_nad.flatten(1);
}

}  // namespace sift
