#include "ops/operator.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/record_function.h>
#include <c10/util/Exception.h>
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ops/operators.h"
#include "ops/rotary.h"

// The device with versions of its own is LibTorch's "meta", whose tensors have shapes and no numbers.
// Versions are told apart by the shape of what they return.

namespace sift {
namespace {

at::Tensor plain_version(const at::Tensor& x, double /*factor*/) {
  return x.new_empty({1});
}
at::Tensor meta_version(const at::Tensor& x, double /*factor*/) {
  return x.new_empty({2});
}
bool has_even_rows(const at::Tensor& x, double factor) {
  return x.size(0) % 2 == 0 && factor > 0;
}

using Scaled = Operator<at::Tensor(const at::Tensor&, double)>;

at::Tensor on(at::Device device, std::int64_t rows) {
  return at::empty({rows}, at::TensorOptions().device(device));
}

TEST(Operator, RunsTheVersionOfTheDeviceWhereItSupportsTheInputs) {
  Scaled scaled("test::scaled", plain_version);
  EXPECT_FALSE(scaled.supports(on(at::kMeta, 4), 1.0)) << "nothing is registered";
  EXPECT_EQ(scaled(on(at::kMeta, 4), 1.0).numel(), 1);

  EXPECT_TRUE(scaled.add_version(at::kMeta, has_even_rows, meta_version));
  EXPECT_TRUE(scaled.supports(on(at::kMeta, 4), 1.0));
  EXPECT_EQ(scaled(on(at::kMeta, 4), 1.0).numel(), 2);
  EXPECT_FALSE(scaled.supports(on(at::kMeta, 5), 1.0));
  EXPECT_EQ(scaled(on(at::kMeta, 5), 1.0).numel(), 1);
  EXPECT_EQ(scaled(on(at::kMeta, 4), -1.0).numel(), 1);
  EXPECT_EQ(scaled(on(at::kCPU, 4), 1.0).numel(), 1) << "another device";
}

TEST(Operator, RefusesASecondVersionAndInputsWithoutAVersion) {
  Scaled scaled("test::scaled", nullptr);
  EXPECT_THROW(scaled(on(at::kMeta, 4), 1.0), c10::Error);
  scaled.add_version(at::kMeta, has_even_rows, meta_version);
  EXPECT_THROW(scaled(on(at::kMeta, 5), 1.0), c10::Error);
  EXPECT_THROW(scaled.add_version(at::kMeta, has_even_rows, meta_version), c10::Error);
}

TEST(Operator, RecordsNoGraph) {
  const Operator<at::Tensor(const at::Tensor&)> doubled("test::doubled",
                                                        [](const at::Tensor& x) { return x * 2; });
  EXPECT_FALSE(doubled(at::ones({3}).requires_grad_()).requires_grad());
}

std::vector<std::string> seen;

TEST(Operator, ShowsItsNameAndVersionToProfilers) {
  Scaled scaled("test::scaled", plain_version);
  scaled.add_version(at::kMeta, has_even_rows, meta_version);
  const auto note = [](const at::RecordFunction& function) -> std::unique_ptr<at::ObserverContext> {
    const std::string name = function.name();
    if (name.starts_with("test::")) {
      seen.push_back(name + " " + std::to_string(function.inputs().size()) + " inputs");
    }
    return nullptr;
  };
  const at::CallbackHandle handle =
      at::addThreadLocalCallback(at::RecordFunctionCallback(note).needsInputs(true));
  scaled(on(at::kMeta, 4), 1.0);
  scaled(on(at::kMeta, 5), 1.0);
  at::removeCallback(handle);
  EXPECT_EQ(seen, (std::vector<std::string>{"test::scaled.meta 2 inputs", "test::scaled.plain 2 inputs"}));
}

// tests/unit/ops/late_version.cpp, as a library of its own.
TEST(Operator, TakesAVersionFromALibraryOpenedAtRunTime) {
  const auto turned = [](std::int64_t features) {
    const auto meta = at::TensorOptions().device(at::kMeta);
    return op::rotary(at::empty({5, 2, features}, meta), at::empty({5, 2}, meta), at::empty({5, 2}, meta),
                      false);
  };
  EXPECT_EQ(turned(4).sizes(), (std::vector<std::int64_t>{5, 2, 4}));
  ASSERT_NE(dlopen(SIFT_LATE_VERSION, RTLD_NOW | RTLD_LOCAL), nullptr) << dlerror();
  EXPECT_EQ(turned(4).sizes(), (std::vector<std::int64_t>{5}));
  EXPECT_EQ(turned(6).sizes(), (std::vector<std::int64_t>{5, 2, 6})) << "not supported";
}

}  // namespace
}  // namespace sift
