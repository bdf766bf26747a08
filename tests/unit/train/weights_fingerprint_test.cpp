#include "train/weights_fingerprint.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "model/decoder/decoder.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

Decoder model_of_seed(std::uint64_t seed) {
  return Decoder::random(test::tiny_config(), seed, at::kFloat, at::kCPU);
}

std::string weights_fingerprint(const Decoder& model) {
  WeightsFingerprint fingerprint;
  for (int time = 0; time < 2; ++time)
    for (const Parameter& parameter : model.parameters()) fingerprint.add(parameter);
  return fingerprint.text();
}

TEST(WeightsFingerprint, IsThatOfEqualWeights) {
  EXPECT_EQ(weights_fingerprint(model_of_seed(1)), weights_fingerprint(model_of_seed(1)));
  EXPECT_NE(weights_fingerprint(model_of_seed(1)), weights_fingerprint(model_of_seed(2)));
}

TEST(WeightsFingerprint, FindsOneOtherParameterAndAnotherType) {
  const std::string expected = weights_fingerprint(model_of_seed(1));
  for (std::size_t index = 0; index < model_of_seed(1).parameters().size(); ++index) {
    const Decoder model = model_of_seed(1);
    const at::NoGradGuard guard;
    at::Tensor changed = model.parameters()[index].tensor;
    changed.add_(1e-3);
    EXPECT_NE(weights_fingerprint(model), expected) << model.parameters()[index].name;
  }
  EXPECT_NE(weights_fingerprint(Decoder::random(test::tiny_config(), 1, at::kBFloat16, at::kCPU)), expected);
}

}  // namespace
}  // namespace sift
