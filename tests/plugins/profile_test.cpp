#include <ATen/ops/matmul.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugin_test_support.h"

namespace sift {
namespace {

namespace fs = std::filesystem;

class ProfileTest : public ::testing::Test {
 protected:
  void SetUp() override { host_.load_file(test::real_plugin("sift_callback_profile")); }

  /// A step that computes `products` matrix products.
  void step(Callback& callback, CallbackContext& context, int products) {
    callback.on_step_begin(context);
    for (int i = 0; i < products; ++i) at::matmul(matrix_, matrix_);
    ++run_.state.global_step;
    callback.on_step_end(context);
  }

  PluginHost host_;
  test::TempFolder output_;
  test::FakeRun run_{10};
  at::Tensor matrix_ = at::randn({8, 8});
};

TEST_F(ProfileTest, RecordsTheStepsThatWereAskedForAndNoOthers) {
  const auto callback = test::create_callback(
      host_, "profile", {{"start_step", std::int64_t{2}}, {"num_steps", std::int64_t{2}}});
  CallbackContext context = run_.context(output_.path());
  step(*callback, context, 100);
  EXPECT_FALSE(fs::exists(output_.path() / "profile.json"));
  step(*callback, context, 3);
  step(*callback, context, 4);
  step(*callback, context, 100);

  const auto trace = nlohmann::json::parse(test::read_file(output_.path() / "profile.json"));
  const auto& events = trace.at("traceEvents");
  const auto is_product = [](const nlohmann::json& event) { return event.value("name", "") == "aten::mm"; };
  EXPECT_EQ(std::ranges::count_if(events, is_product), 7);
  const std::string table = test::read_file(output_.path() / "profile.txt");
  EXPECT_NE(table.find("     3.5  aten::mm\n"), std::string::npos) << table;
  EXPECT_EQ(table.find("on the device"), std::string::npos);
}

TEST_F(ProfileTest, AnUnfinishedRecordingEndsWithTheCallback) {
  auto callback = test::create_callback(host_, "profile",
                                        {{"start_step", std::int64_t{1}}, {"num_steps", std::int64_t{5}}});
  CallbackContext context = run_.context(output_.path());
  step(*callback, context, 1);
  callback.reset();
  const auto next = test::create_callback(host_, "profile", {{"start_step", std::int64_t{2}}});
  step(*next, context, 1);
  EXPECT_TRUE(fs::exists(output_.path() / "profile.json"));
}

}  // namespace
}  // namespace sift
