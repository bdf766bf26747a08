#include "ops/quantized_weight.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "model/weights/quantized_tensors.h"
#include "ops/operators.h"

namespace sift {
namespace {

using Kind = QuantizedWeight::Kind;

/// The cases that tests/reference/make_quantized_goldens.py wrote: "nf4.odd", "fp4_nested.blocks", ...
struct QuantizedWeightGolden : testing::Test {
  ModelTensors tensors{std::string(SIFT_FIXTURES) + "/quantized"};

  std::vector<std::string> cases() const {
    std::vector<std::string> names;
    for (const std::string& name : tensors.names())
      if (name.ends_with(".input")) names.push_back(name.substr(0, name.size() - 6));
    return names;
  }
  QuantizedWeight quantized(const std::string& name) const {
    const at::Tensor input = tensors.tensor(name + ".input");
    return quantize_4bit(name.ends_with("blocks") ? input.to(at::kFloat) : input,
                         name.starts_with("nf4") ? Kind::kNf4 : Kind::kFp4,
                         name.find("_nested") != std::string::npos);
  }
};

/// Also of NaN and of the sign of 0.
bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type() &&
         std::memcmp(a.contiguous().const_data_ptr(), b.contiguous().const_data_ptr(), a.nbytes()) == 0;
}

TEST_F(QuantizedWeightGolden, EveryBitIsBitsandbytes) {
  ASSERT_EQ(cases().size(), 22);
  for (const std::string& name : cases()) {
    for (const auto& [part, tensor] : quantized_tensors(name + ".weight", quantized(name)))
      EXPECT_TRUE(same_bits(tensor, tensors.tensor(part))) << part;
  }
}

TEST_F(QuantizedWeightGolden, DequantisesToTheNumbersOfBitsandbytes) {
  int count = 0;
  for (const std::string& name : cases()) {
    if (!tensors.contains(name + ".float32")) continue;
    const at::Tensor numbers = tensors.tensor(name + ".float32");
    const QuantizedWeight weight = quantized(name);
    EXPECT_TRUE(at::equal(dequantize(weight, at::kFloat), numbers)) << name;
    EXPECT_TRUE(at::equal(dequantize(weight, at::kBFloat16), numbers.to(at::kBFloat16))) << name;
    EXPECT_TRUE(at::equal(dequantize(weight, at::kDouble), numbers.to(at::kDouble))) << name;
    ++count;
  }
  EXPECT_EQ(count, 20);
}

TEST_F(QuantizedWeightGolden, ThePlainVersionsGiveTheSameBits) {
  for (const std::string& name : cases()) {
    const bool nf4 = name.starts_with("nf4");
    const at::Tensor x = tensors.tensor(name + ".input").to(at::kFloat).reshape(-1);
    const auto [codes, absmax] = op::quantize_4bit(x, nf4, 64);
    const auto [plain_codes, plain_absmax] = plain::quantize_4bit(x, nf4, 64);
    EXPECT_TRUE(same_bits(codes, plain_codes)) << name;
    EXPECT_TRUE(same_bits(absmax, plain_absmax)) << name;
    // from the middle of a block and of a byte
    for (const std::int64_t first : {0, 1, 63, 65}) {
      for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
        const at::Tensor y = at::empty({x.numel() - first}, dtype), plain_y = at::empty_like(y);
        op::dequantize_4bit(codes, absmax.slice(0, first / 64), nf4, 64, first, y);
        plain::dequantize_4bit(codes, absmax.slice(0, first / 64), nf4, 64, first, plain_y);
        EXPECT_TRUE(same_bits(y, plain_y)) << name << " from " << first;
      }
    }
  }
}

TEST(QuantizedWeight, ANanIsSeenInItsBlock) {
  at::Tensor x = at::randn({3, 64});
  x[1][5] = std::numeric_limits<float>::quiet_NaN();
  for (const bool nested : {false, true}) {
    const at::Tensor found = dequantize(quantize_4bit(x, Kind::kNf4, nested), at::kFloat);
    EXPECT_TRUE(found[1].isnan().all().item<bool>());
    // the mean of all blocks is spoilt in double quantisation
    EXPECT_EQ(at::stack({found[0], found[2]}).isnan().any().item<bool>(), nested);
  }
}

TEST(QuantizedWeight, RowsAreThoseOfTheWhole) {
  at::manual_seed(3);
  for (const bool nested : {false, true}) {
    const QuantizedWeight weight = quantize_4bit(at::randn({301, 77}), Kind::kNf4, nested, 32);
    const at::Tensor whole = dequantize(weight, at::kFloat);
    for (const std::int64_t first : {0, 1, 2, 150, 300}) {
      const at::Tensor rows = at::empty({std::min<std::int64_t>(7, 301 - first), 77});
      dequantize_rows(weight, first, rows);
      EXPECT_TRUE(at::equal(rows, whole.narrow(0, first, rows.size(0)))) << first;
    }
  }
}

// More than 32,768 blocks, whose mean LibTorch takes in parts of its own for each thread.
TEST(QuantizedWeight, DoesNotDependOnTheNumberOfThreads) {
  at::manual_seed(3);
  const at::Tensor x = at::randn({1100, 2048}) * 0.02;
  const int before = at::get_num_threads();
  std::vector<QuantizedWeight> found;
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    found.push_back(quantize_4bit(x, Kind::kNf4, true));
  }
  at::set_num_threads(before);
  for (const QuantizedWeight& other : found) {
    EXPECT_TRUE(at::equal(other.codes, found[0].codes));
    EXPECT_TRUE(at::equal(other.absmax, found[0].absmax));
    EXPECT_TRUE(at::equal(other.nested->absmax, found[0].nested->absmax));
    EXPECT_EQ(other.nested->offset, found[0].nested->offset);
  }
}

TEST(QuantizedWeight, TakesLittleMoreThanHalfAByteForANumber) {
  const at::Tensor x = at::randn({256, 1024});
  EXPECT_EQ(quantize_4bit(x, Kind::kNf4, false).nbytes(), x.numel() / 2 + x.numel() / 64 * 4);
  EXPECT_EQ(quantize_4bit(x, Kind::kNf4, true).nbytes(),
            x.numel() / 2 + x.numel() / 64 + x.numel() / 64 / 256 * 4 + 256 * 4);
}

}  // namespace
}  // namespace sift
