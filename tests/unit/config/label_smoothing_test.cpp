#include "config/label_smoothing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "support/temp_folder.h"
#include "unit/config/config_fixture.h"

namespace sift {
namespace {

using testing::HasSubstr;

struct SmoothingKnobs {
  double label_smoothing = 0.0;
  static void describe(Schema<SmoothingKnobs>& schema) {
    schema.add("label_smoothing", &SmoothingKnobs::label_smoothing, "smoothing", between(0, 1));
  }
};

class LabelSmoothingTest : public testing::Test {
 protected:
  std::string applied(double factor) {
    TrainOptions train;
    train.label_smoothing_factor = factor;
    Diagnostics diagnostics("sift.toml");
    apply_label_smoothing(train, {}, loss_, diagnostics);
    return test::error_of([&] { diagnostics.throw_if_any(); });
  }
  LoadedComponent component_ = config_test::component<SmoothingKnobs, LossFactory>("smooth");
  std::shared_ptr<SmoothingKnobs> knobs_ = std::make_shared<SmoothingKnobs>();
  ConfiguredComponent loss_{&component_, knobs_};
};

TEST_F(LabelSmoothingTest, IsGivenToTheLoss) {
  EXPECT_EQ(applied(0.0), "");
  EXPECT_EQ(knobs_->label_smoothing, 0.0);
  EXPECT_EQ(applied(0.1), "");
  EXPECT_EQ(knobs_->label_smoothing, 0.1);
  EXPECT_EQ(applied(0.1), "") << "a dumped configuration has it in both places";
  EXPECT_THAT(applied(0.2),
              HasSubstr("label_smoothing_factor: 0.2 is not label_smoothing in [loss], which is 0.1"));
}

TEST_F(LabelSmoothingTest, WithoutTheOptionIsAWarning) {
  const LoadedComponent other = config_test::component<NoOptions, LossFactory>("dft");
  loss_ = {&other, std::make_shared<NoOptions>()};
  testing::internal::CaptureStderr();
  EXPECT_EQ(applied(0.1), "");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("the loss 'dft' has no label smoothing"));
}

}  // namespace
}  // namespace sift
