#include "ops/chunked_head.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/autocast_mode.h>

#include <algorithm>

namespace sift {
namespace {

// The logits of a chunk are the largest buffer of the head.
constexpr std::int64_t kChunkBytes = 96 << 20;
constexpr std::int64_t kMinChunkRows = 384;
constexpr std::int64_t kBlockBytes = 1 << 20;
// Of words in one product of the logits, for each thread.
constexpr std::int64_t kWordsOfThread = 256;

/// total = a b, or total += a b
void product(at::Tensor total, const at::Tensor& a, const at::Tensor& b, bool add) {
  const at::Tensor wide_a = a.to(total.scalar_type()), wide_b = b.to(total.scalar_type());
  add ? total.addmm_(wide_a, wide_b) : at::mm_out(total, wide_a, wide_b);
}

bool is_narrow(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.scalar_type() == at::kBFloat16;
}

std::int64_t words_of_product() {
  return kWordsOfThread * at::get_num_threads();
}

/// logits = x weight^T. MKL needs a third more time for all words at once than for pieces. LibTorch's product
/// of bfloat16 matrices is ten times slower on most CPUs than that of the same numbers in float32, whose sums
/// are rounded once either way.
void logits_product(const at::Tensor& x_ch, const at::Tensor& weight_vh, const at::Tensor& logits_cv) {
  const std::int64_t words = weight_vh.size(0);
  const bool by_blas = x_ch.is_cpu() && (x_ch.scalar_type() == at::kFloat ||
                                         x_ch.scalar_type() == at::kDouble || is_narrow(x_ch));
  const at::Tensor wide_ch = is_narrow(x_ch) ? x_ch.to(at::kFloat) : x_ch;
  const std::int64_t piece = by_blas ? words_of_product() : words;
  for (std::int64_t begin = 0; begin < words; begin += piece) {
    const std::int64_t count = std::min(piece, words - begin);
    at::Tensor part_cv = logits_cv.narrow(1, begin, count);
    const at::Tensor weight_hp = weight_vh.narrow(0, begin, count).t();
    if (is_narrow(x_ch)) {
      part_cv.copy_(at::mm(wide_ch, weight_hp.to(at::kFloat)));
    } else {
      at::mm_out(part_cv, x_ch, weight_hp);
    }
  }
}

/// x = dz weight. A weight of lower precision is widened piece by piece: as a whole it may not fit into
/// memory.
void hidden_product(const at::Tensor& x_ch, const at::Tensor& dz_cv, const at::Tensor& weight_vh) {
  if (!is_narrow(weight_vh)) return product(x_ch, dz_cv, weight_vh, false);
  const std::int64_t words = weight_vh.size(0), piece = words_of_product();
  for (std::int64_t begin = 0; begin < words; begin += piece) {
    const std::int64_t count = std::min(piece, words - begin);
    product(x_ch, dz_cv.narrow(1, begin, count), weight_vh.narrow(0, begin, count), begin > 0);
  }
}

}  // namespace

HeadOptions HeadOptions::of(const LossInput& input) {
  const c10::DeviceType device = input.hidden_nh.device().type();
  HeadOptions options;
  options.logit_scale = input.head.logit_scale;
  options.softcap = input.head.softcap;
  options.compute_dtype = at::autocast::is_autocast_enabled(device) ? at::autocast::get_autocast_dtype(device)
                                                                    : input.hidden_nh.scalar_type();
  return options;
}

at::ScalarType stats_dtype(at::ScalarType compute_dtype) {
  return compute_dtype == at::kDouble ? at::kDouble : at::kFloat;
}

ChunkedHead::ChunkedHead(const at::Tensor& hidden_nh, const at::Tensor& scored_m, const at::Tensor& weight_vh,
                         const at::Tensor& bias_v, const HeadOptions& options)
    : options_(options),
      x_mh_(hidden_nh.index_select(0, scored_m).to(options.compute_dtype)),
      weight_vh_(weight_vh.to(options.compute_dtype)),
      bias_v_(bias_v.defined() ? bias_v.to(options.compute_dtype) : bias_v) {
  const std::int64_t row_bytes = weight_vh.size(0) * static_cast<std::int64_t>(sizeof(float));
  const std::int64_t chunk_rows =
      options.chunk_rows > 0 ? options.chunk_rows : std::max(kMinChunkRows, kChunkBytes / row_bytes);
  const std::int64_t rows = std::min(chunk_rows, x_mh_.size(0));
  block_rows_ = hidden_nh.is_cpu() ? std::max<std::int64_t>(1, kBlockBytes / row_bytes) : rows;
  buffer_cv_ = at::empty({rows, weight_vh.size(0)}, x_mh_.options());
}

void ChunkedHead::each_chunk(const Visit& visit) {
  const std::int64_t num_scored = x_mh_.size(0);
  for (std::int64_t begin = 0; begin < num_scored; begin += buffer_cv_.size(0)) {
    const std::int64_t count = std::min(buffer_cv_.size(0), num_scored - begin);
    at::Tensor logits_cv = buffer_cv_.narrow(0, 0, count);
    logits_product(x_ch(begin, count), weight_vh_, logits_cv);
    if (bias_v_.defined()) logits_cv.add_(bias_v_);
    visit(begin, logits_cv);
  }
}

void ChunkedHead::each_block(std::int64_t begin, const at::Tensor& logits_cv, const Visit& visit) const {
  const std::int64_t rows = logits_cv.size(0);
  for (std::int64_t block = 0; block < rows; block += block_rows_) {
    visit(begin + block, logits_cv.narrow(0, block, std::min(block_rows_, rows - block)));
  }
}

at::Tensor ChunkedHead::finish(const at::Tensor& raw_bv) const {
  at::Tensor z_bv = raw_bv.to(stats_dtype(options_.compute_dtype));
  if (options_.logit_scale != 1.0) z_bv.mul_(options_.logit_scale);
  if (options_.softcap != 0.0) z_bv.div_(options_.softcap).tanh_().mul_(options_.softcap);
  return z_bv;
}

at::Tensor ChunkedHead::softcap_slope(const at::Tensor& z_bv) const {
  if (options_.softcap == 0.0) return {};
  return (z_bv / options_.softcap).square_().neg_().add_(1.0);
}

void ChunkedHead::store_gradient(const at::Tensor& dz_bv, const at::Tensor& slope_bv,
                                 const at::Tensor& raw_bv) const {
  if (slope_bv.defined()) dz_bv.mul_(slope_bv);
  if (options_.logit_scale != 1.0) dz_bv.mul_(options_.logit_scale);
  if (!dz_bv.is_same(raw_bv)) raw_bv.copy_(dz_bv);
}

HeadGradients::HeadGradients(const at::Tensor& hidden_nh, const at::Tensor& weight_vh,
                             const at::Tensor& bias_v, at::ScalarType sum_dtype, const Wanted& wanted)
    : sum_dtype_(sum_dtype), weight_dtype_(weight_vh.scalar_type()) {
  const auto sum = hidden_nh.options().dtype(sum_dtype).requires_grad(false);
  if (wanted.hidden) hidden_nh_ = at::zeros(hidden_nh.sizes(), hidden_nh.options().requires_grad(false));
  if (wanted.weight) weight_vh_ = at::empty(weight_vh.sizes(), sum);
  if (bias_v.defined()) {
    bias_dtype_ = bias_v.scalar_type();
    if (wanted.bias) bias_v_ = at::zeros(bias_v.sizes(), sum);
  }
}

void HeadGradients::add(const ChunkedHead& head, const at::Tensor& scored_m, std::int64_t begin,
                        const at::Tensor& dz_cv) {
  const std::int64_t count = dz_cv.size(0);
  const at::Tensor wide_dz_cv = dz_cv.to(sum_dtype_);
  if (hidden_nh_.defined()) {
    const at::Tensor x_ch = at::empty({count, hidden_nh_.size(1)}, wide_dz_cv.options());
    hidden_product(x_ch, wide_dz_cv, head.weight_vh());
    hidden_nh_.index_copy_(0, scored_m.narrow(0, begin, count), x_ch.to(hidden_nh_.scalar_type()));
  }
  if (weight_vh_.defined()) product(weight_vh_, wide_dz_cv.t(), head.x_ch(begin, count), any_added_);
  if (bias_v_.defined()) bias_v_.add_(wide_dz_cv.sum(0));
  any_added_ = true;
}

at::Tensor HeadGradients::weight_vh() const {
  if (weight_vh_.defined() && !any_added_) weight_vh_.zero_();
  return weight_vh_.defined() ? weight_vh_.to(weight_dtype_) : at::Tensor();
}

at::Tensor HeadGradients::bias_v() const {
  return bias_v_.defined() ? bias_v_.to(bias_dtype_) : at::Tensor();
}

}  // namespace sift
