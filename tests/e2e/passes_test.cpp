#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/program.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

using test::SmallRun;
using testing::HasSubstr;
using testing::Not;

struct Outcome {
  test::ProgramResult result;
  nlohmann::json log;
  std::string weights;
};

/// Trains in packed rows of 128 tokens, two of them a micro-batch, which hold documents of some 20 to 128.
Outcome train(const std::string& tokens_per_pass, const std::string& sections,
              std::vector<std::string> settings = {}) {
  const SmallRun run;
  settings.insert(settings.end(), {"data.packing=true", "train.eval_strategy=steps", "train.eval_steps=3",
                                   "train.gradient_accumulation_steps=2"});
  if (!tokens_per_pass.empty()) settings.push_back("train.max_tokens_per_pass=" + tokens_per_pass);
  Outcome outcome{test::sift(test::with_settings({"train", run.write_config(sections)}, settings)), {}, {}};
  if (outcome.result.status != 0) return outcome;
  outcome.log = test::log_of(run.output_dir());
  outcome.weights = test::weights_of(run.output_dir());
  return outcome;
}

void expect_about_equal(const nlohmann::json& found, const nlohmann::json& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t entry = 0; entry < expected.size(); ++entry) {
    ASSERT_EQ(found[entry].size(), expected[entry].size());
    for (const auto& [key, value] : expected[entry].items()) {
      const auto number = value.get<double>();
      EXPECT_NEAR(found[entry].at(key).get<double>(), number, 2e-5 * std::abs(number)) << key;
    }
  }
}

TEST(PassesOfARun, GiveTheLossGradientsAndMetricsOfTheWholeBatch) {
  for (const char* loss : {"nll", "dft", "liger"}) {
    const std::string section = std::string("[loss]\nplugin = \"") + loss + "\"\n";
    const Outcome whole = train("0", section), passes = train("40", section);
    ASSERT_EQ(whole.result.status, 0) << whole.result.err;
    ASSERT_EQ(passes.result.status, 0) << passes.result.err;
    expect_about_equal(passes.log, whole.log);
    EXPECT_FALSE(passes.weights == whole.weights)
        << "sums in another order round differently: were there any?";
  }
}

TEST(PassesOfARun, HaveAtMostSoManyTokens) {
  const std::string loss = test::fixture_loss("refuses_large_batches");
  EXPECT_EQ(train("60", loss, {"loss.most_tokens=60"}).result.status, 0);
  const auto refused = train("0", loss, {"loss.most_tokens=60"}).result;
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("tokens at once"));
}

TEST(PassesOfARun, MemoryStrategiesChangeNoBitOfThem) {
  const Outcome plain = train("40", "");
  for (const char* strategy :
       {"\"gradient_checkpointing\"\n", "\"activation_offload\"\ntarget = \"disk\"\nmin_bytes = 1\n"}) {
    const Outcome with = train("40", std::string("[[memory]]\nplugin = ") + strategy);
    ASSERT_EQ(with.result.status, 0) << with.result.err;
    EXPECT_EQ(with.log, plain.log) << strategy;
    EXPECT_TRUE(with.weights == plain.weights) << strategy;
  }
}

TEST(PassesOfARun, ALossThatIsNoSumGetsWholeBatches) {
  const std::string never = test::fixture_loss("nan_at_step");  // nll that does not call itself a sum
  const Outcome whole = train("", never, {"loss.from=100"}), asked = train("40", never, {"loss.from=100"});
  EXPECT_THAT(whole.result.err, Not(HasSubstr("max_tokens_per_pass")));
  EXPECT_THAT(asked.result.err, HasSubstr("max_tokens_per_pass in [train] has no effect"));
  EXPECT_EQ(asked.log, whole.log);
  EXPECT_TRUE(asked.weights == whole.weights);
}

}  // namespace
}  // namespace sift
