#include "model/decoder/self_attention.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <tuple>
#include <utility>

#include "support/dense_attention.h"
#include "support/tiny_model.h"

// Shape suffixes: n tokens, h hidden size, a heads, d head_dim, f frequencies.

namespace sift {
namespace {

constexpr double kEps = 1e-5;
const std::vector<std::int64_t> kStarts = {0, 6, 9};

at::Tensor normed(const at::Tensor& x, const at::Tensor& weight) {
  return x * (x.square().mean(-1, true) + kEps).rsqrt() * weight;
}

class SelfAttentionTest : public testing::Test {
 protected:
  // 4 heads of 4 features and 2 key/value heads
  void SetUp() override {
    at::manual_seed(5);
    config_ = test::tiny_config();
    const auto weight = [&](const std::string& name, at::IntArrayRef shape) {
      tensors_["attn." + name + ".weight"] = at::randn(shape, at::kDouble);
    };
    weight("q_proj", {16, 16});
    weight("k_proj", {8, 16});
    weight("v_proj", {8, 16});
    weight("o_proj", {16, 16});
    x_nh_ = at::randn({9, 16}, at::kDouble);
    const at::Tensor positions_n = at::cat({at::arange(6), at::arange(3)});
    context_.rotary = rotary_tables(config_, config_.rope, positions_n, 6, at::kDouble);
    context_.sliding_rotary = context_.rotary;
    context_.document_starts = kStarts;
  }

  const at::Tensor& weight(const std::string& name) const { return tensors_.at("attn." + name + ".weight"); }
  at::Tensor found() const {
    return SelfAttention(config_, 0, tensors_, "attn.").forward(ProjectionInput::given(x_nh_), context_);
  }

  at::Tensor turned(const at::Tensor& x_nad) const {
    const at::Tensor cos = context_.rotary.cos_nf.unsqueeze(1), sin = context_.rotary.sin_nf.unsqueeze(1);
    const auto halves = x_nad.chunk(2, -1);
    return at::cat({halves[0] * cos - halves[1] * sin, halves[1] * cos + halves[0] * sin}, -1);
  }
  at::Tensor expected(std::int64_t window = 0) const {
    const auto heads = [&](const std::string& name) {
      at::Tensor y = at::mm(x_nh_, weight(name + "_proj").t());
      const bool has_norm = config_.qk_norm != QkNorm::kNone && name != "v";
      if (has_norm && config_.qk_norm == QkNorm::kProjection) y = normed(y, weight(name + "_norm"));
      if (config_.clip_qkv > 0) y = y.clamp(-config_.clip_qkv, config_.clip_qkv);
      y = y.unflatten(1, {-1, 4});
      return has_norm && config_.qk_norm == QkNorm::kHead ? normed(y, weight(name + "_norm")) : y;
    };
    const at::Tensor out_nh =
        test::dense_attention(turned(heads("q")), turned(heads("k")), heads("v"), kStarts, window);
    return at::mm(out_nh, weight("o_proj").t());
  }
  void expect_equal(const at::Tensor& expected_nh) const {
    EXPECT_TRUE(at::allclose(found(), expected_nh, 1e-10, 1e-10));
  }

  ModelConfig config_;
  TensorsByName tensors_;
  LayerContext context_;
  at::Tensor x_nh_;
};

TEST_F(SelfAttentionTest, AttendsWithinDocuments) {
  expect_equal(expected());
}

TEST_F(SelfAttentionTest, TakesQueriesKeysAndValuesAsOneParameter) {
  const at::Tensor expected_nh = expected();
  tensors_["attn.qkv_proj.weight"] = at::cat({weight("q_proj"), weight("k_proj"), weight("v_proj")});
  for (const char* name : {"q", "k", "v"}) tensors_.erase(std::string("attn.") + name + "_proj.weight");
  config_.fused_projections = true;
  expect_equal(expected_nh);
}

TEST_F(SelfAttentionTest, NormsQueriesAndKeys) {
  for (const auto& [place, q_size, k_size] :
       {std::tuple(QkNorm::kHead, 4, 4), std::tuple(QkNorm::kProjection, 16, 8)}) {
    config_.qk_norm = place;
    tensors_["attn.q_norm.weight"] = at::randn({q_size}, at::kDouble);
    tensors_["attn.k_norm.weight"] = at::randn({k_size}, at::kDouble);
    expect_equal(expected());
  }
}

TEST_F(SelfAttentionTest, ClipsWhatItProjects) {
  config_.clip_qkv = 1.5;
  expect_equal(expected());
}

TEST_F(SelfAttentionTest, SeesNoFurtherThanItsWindow) {
  config_.sliding_windows = {3, 3};
  expect_equal(expected(3));
}

TEST_F(SelfAttentionTest, GoesOnFromTheCache) {
  const auto narrowed = [](const RotaryTables& tables, std::int64_t begin, std::int64_t count) {
    return RotaryTables{tables.cos_nf.narrow(0, begin, count), tables.sin_nf.narrow(0, begin, count)};
  };
  const SelfAttention attention(config_, 0, tensors_, "attn.");
  KeyValueCache cache(config_, 6, at::TensorOptions().dtype(at::kDouble));
  std::vector<at::Tensor> parts;
  for (const auto& [begin, count] : {std::pair(0, 4), std::pair(4, 1), std::pair(5, 1)}) {
    LayerContext context;
    context.rotary = narrowed(context_.rotary, begin, count);
    context.sliding_rotary = context.rotary;
    context.cache = &cache;
    parts.push_back(attention.forward(ProjectionInput::given(x_nh_.narrow(0, begin, count)), context));
    cache.advance(count);
  }
  EXPECT_TRUE(at::allclose(at::cat(parts), expected().narrow(0, 0, 6), 1e-10, 1e-10));
}

}  // namespace
}  // namespace sift
