#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/config.h"
#include "device/late_device.h"
#include "formats/safetensors.h"
#include "plugin/host.h"
#include "support/small_run.h"
#include "train/run.h"

// Whole runs on a device that is not the CPU, so that whatever has to be copied, and to be waited for, is.

namespace sift {
namespace {

using Json = nlohmann::json;
using test::LateDevice;
using test::SmallRun;

const std::string kSections =
    "[[memory]]\nplugin = \"gradient_checkpointing\"\n"
    "[[memory]]\nplugin = \"activation_offload\"\ntarget = \"host\"\nmin_bytes = 1024\n";
const std::vector<std::string> kEvaluation{"train.eval_strategy=steps", "train.eval_steps=2"};

class Training : public testing::Test {
 protected:
  /// Trains and returns the log.
  Json train(const SmallRun& run, const std::string& device, const std::string& sections,
             const RunRequest& request = {}) {
    Config config = load_config(run.write_config(sections), {kEvaluation}, host_);
    config.train.device = device;
    run_training(config, request);
    return Json::parse(test::read_file(run.output_dir() / "trainer_state.json")).at("log_history");
  }

  PluginHost host_;
};

void expect_near(const Json& found, const Json& expected, double tolerance) {
  for (const char* key : {"loss", "grad_norm", "eval_loss", "mean_token_accuracy", "learning_rate"}) {
    ASSERT_EQ(found.contains(key), expected.contains(key)) << key;
    if (!expected.contains(key)) continue;
    const double value = expected.at(key).get<double>();
    EXPECT_NEAR(found.at(key).get<double>(), value, tolerance * value)
        << key << " of " << expected.at("step");
  }
}

TEST_F(Training, LearnsWhatTheCpuLearns) {
  const SmallRun on_cpu, on_device;
  const Json expected = train(on_cpu, "cpu", "");
  LateDevice::take_copies();
  const Json found = train(on_device, "late:0", kSections);
  EXPECT_FALSE(LateDevice::take_copies().empty());
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) expect_near(found[i], expected[i], 2e-5);
}

TEST_F(Training, ACheckpointHoldsTheGeneratorOfTheDevice) {
  const SmallRun run;
  train(run, "late:0", "");
  const SafetensorsFile saved(run.output_dir() / "checkpoint-6/rng_state.safetensors");
  EXPECT_EQ(saved.names(), (std::vector<std::string>{"cpu", "late"}));
}

TEST_F(Training, ResumedGoesOnToTheSameBits) {
  const SmallRun whole, parts;
  train(whole, "late:0", kSections);
  // as if the run had ended after its checkpoint
  train(parts, "late:0", kSections);
  for (const char* later : {"checkpoint-6", "final"}) {
    std::filesystem::remove_all(parts.output_dir() / later);
  }
  train(parts, "late:0", kSections, {.resume = true});
  for (const char* file : {"final/model.safetensors", "checkpoint-6/optimizer.pt"}) {
    EXPECT_EQ(test::read_file(parts.output_dir() / file), test::read_file(whole.output_dir() / file)) << file;
  }
}

}  // namespace
}  // namespace sift
