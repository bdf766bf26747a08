#include "train/trained_model.h"

#include <ATen/Functions.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/small_run.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

using testing::HasSubstr;

class TrainedModelTest : public testing::Test {
 protected:
  TrainedModelTest() { model_.freeze({"model.embed_tokens"}); }

  TextProcessor text_ = TextProcessor::from_folder(test::SmallRun::model_folder(), {});
  Decoder model_ = Decoder::load(test::SmallRun::model_folder(), at::kFloat, at::kCPU);
  ModelFolderSource source_ = ModelFolderSource::of(test::SmallRun::model_folder(), text_);
};

TEST_F(TrainedModelTest, GivesTheTrainedParameters) {
  const TrainedModel trained(model_, text_, source_);
  EXPECT_EQ(trained.parameters().size(), model_.trainable().size());
  EXPECT_LT(trained.parameters().size(), model_.parameters().size());
  const auto& [name, tensor] = trained.parameters().front();
  EXPECT_EQ(name, model_.trainable().front().name);
  EXPECT_TRUE(tensor.is_alias_of(model_.trainable().front().tensor));
  EXPECT_FALSE(tensor.requires_grad());
}

TEST_F(TrainedModelTest, SavesReplacementsInPlaceOfParameters) {
  const TrainedModel trained(model_, text_, source_);
  const test::TempFolder folder;
  const auto& [name, tensor] = trained.parameters().back();
  const at::Tensor before = tensor.clone();
  trained.save(folder / "out", {{name, at::full_like(tensor, 2.0)}});
  EXPECT_TRUE(at::equal(tensor, before)) << "the run keeps its weights";
  const Decoder saved = Decoder::load(folder / "out", at::kFloat, at::kCPU);
  for (std::size_t i = 0; i < saved.parameters().size(); ++i) {
    const Parameter& parameter = saved.parameters()[i];
    const at::Tensor expected =
        parameter.name == name ? at::full_like(parameter.tensor, 2.0) : model_.parameters()[i].tensor;
    EXPECT_TRUE(at::equal(parameter.tensor, expected)) << parameter.name;
  }
  EXPECT_THAT(test::error_of([&] {
                trained.save(folder / "no", {{"model.nothing", tensor}});
              }),
              HasSubstr("cannot save 'model.nothing'"));
  EXPECT_THAT(test::error_of([&] {
                trained.save(folder / "no", {{name, at::zeros({1})}});
              }),
              HasSubstr("of shape 1; the model has it with shape"));
}

TEST_F(TrainedModelTest, AnswersTheSameEachTime) {
  const TrainedModel trained(model_, text_, source_);
  const GenerationRequest request{.prompt = "Hello", .system = {}, .max_new_tokens = 4};
  EXPECT_EQ(trained.generate(request), trained.generate(request));
  EXPECT_THAT(test::error_of([&] { trained.generate({.prompt = {}, .system = {}, .raw = true}); }),
              HasSubstr("the prompt is empty"));
}

}  // namespace
}  // namespace sift
