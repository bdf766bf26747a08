#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "model/decoder/decoder.h"
#include "support/program.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

using test::SmallRun;
using testing::HasSubstr;

const std::string kAllLinear = "[lora]\nr = 4\ntarget_modules = \"all-linear\"\n";

test::ProgramResult train_in_4_bits(const SmallRun& run, const std::string& sections,
                                    std::vector<std::string> settings,
                                    const std::vector<std::string>& arguments = {}) {
  settings.emplace_back("model.load_in_4bit=true");
  std::vector<std::string> command{"train", run.write_config(sections)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return test::sift(test::with_settings(command, settings));
}

std::string trained_adapter(const SmallRun& run, const std::string& sections,
                            const std::vector<std::string>& settings = {}) {
  const auto result = train_in_4_bits(run, sections, settings);
  EXPECT_EQ(result.status, 0) << result.err;
  return test::read_file(run.output_dir() / "adapter_model.safetensors");
}

TEST(FourBits, AreTrainedThroughAnAdapterAlone) {
  const SmallRun run;
  const auto refused = train_in_4_bits(run, "", {});
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.err, HasSubstr("are in 4 bits and cannot be trained; add a section [lora]"));
  EXPECT_FALSE(trained_adapter(run, kAllLinear).empty());
}

TEST(FourBits, AResumedRunEndsAsAWholeOne) {
  const SmallRun run;
  const std::string expected = trained_adapter(run, kAllLinear);
  const std::filesystem::path adapter = run.output_dir() / "adapter_model.safetensors";
  for (const char* later : {"checkpoint-6", "adapter_model.safetensors", "trainer_state.json"})
    std::filesystem::remove_all(run.output_dir() / later);
  const auto result = train_in_4_bits(run, kAllLinear, {}, {"--resume"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(test::read_file(adapter), expected);
}

TEST(FourBits, MemoryStrategiesChangeNoBit) {
  const std::string expected = trained_adapter(SmallRun(), kAllLinear);
  const std::string strategies =
      "[[memory]]\nplugin = \"gradient_checkpointing\"\n"
      "[[memory]]\nplugin = \"activation_offload\"\ntarget = \"disk\"\nmin_bytes = 1\n";
  EXPECT_EQ(trained_adapter(SmallRun(), kAllLinear + strategies), expected);
}

TEST(FourBits, EveryTypeTrains) {
  const std::vector<std::vector<std::string>> types = {
      {"model.bnb_4bit_quant_type=fp4"},
      {"model.use_bnb_nested_quant=true"},
      {"model.dtype=bfloat16"},
      {"model.dtype=bfloat16", "model.bnb_4bit_compute_dtype=float32"},
      {"model.llm_int8_skip_modules=[\"o_proj\", \"model.layers.0\"]"}};
  std::vector<std::string> found = {trained_adapter(SmallRun(), kAllLinear)};
  for (const auto& settings : types) {
    const std::string adapter = trained_adapter(SmallRun(), kAllLinear, settings);
    for (const std::string& other : found) EXPECT_NE(adapter, other) << settings[0];
    found.push_back(adapter);
  }
}

TEST(FourBits, NameOnlyModulesToSkipThatExist) {
  const SmallRun run;
  const auto refused =
      train_in_4_bits(run, kAllLinear, {"model.llm_int8_skip_modules=[\"lm_head\", \"o_porj\"]"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("llm_int8_skip_modules in [model]: 'o_porj' matches no module"));
}

/// The model of SmallRun with its linear layers in 4 bits, as transformers would save it.
std::string folder_in_4_bits(const SmallRun& run, const Quantization& quantization) {
  const std::filesystem::path folder = run.folder() / "in_4_bits";
  std::filesystem::copy(SmallRun::model_folder(), folder);
  ModelConfig config = ModelConfig::from_folder(folder);
  config.set_quantization(quantization);
  save_model(Decoder::load(folder, config, at::kFloat, at::kCPU), folder);
  return folder.string();
}

TEST(FourBits, AreWhatGenerateQuantisesWhileItReads) {
  const SmallRun run;
  const auto answer_of = [](const std::string& folder, const std::vector<std::string>& options) {
    std::vector<std::string> command{"generate", folder, "--prompt", "hello", "--max-new-tokens", "24"};
    command.insert(command.end(), options.begin(), options.end());
    const auto result = test::sift(command);
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
  };
  const std::string model = SmallRun::model_folder().string();
  const std::string in_4_bits = folder_in_4_bits(
      run, {QuantizedWeight::Kind::kFp4, true, at::kFloat, /*while_reading=*/true, {"o_proj"}});
  const std::string expected = answer_of(in_4_bits, {});
  EXPECT_EQ(answer_of(model, {"--load-in-4bit", "--bnb-4bit-quant-type", "fp4", "--use-bnb-nested-quant",
                              "--llm-int8-skip-modules", "o_proj"}),
            expected);
  EXPECT_NE(answer_of(model, {}), expected);
  const auto refused = test::sift({"generate", model, "--prompt", "x", "--bnb-4bit-quant-type", "int4"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("--bnb-4bit-quant-type is 'int4'; expected one of \"nf4\", \"fp4\""));
}

TEST(FourBits, OfAnotherTypeThanTheFolderAreRefused) {
  const SmallRun run;
  const std::filesystem::path model = run.folder() / "model";
  std::filesystem::copy(SmallRun::model_folder(), model);
  std::string config = test::read_file(model / "config.json");
  const std::string in_4_bits =
      "\"quantization_config\": {\"load_in_4bit\": true, \"bnb_4bit_quant_type\": \"fp4\"}, ";
  config.insert(config.find('{') + 1, in_4_bits);
  std::ofstream(model / "config.json") << config;
  const auto refused = train_in_4_bits(run, kAllLinear, {"model.path=" + model.string()});
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.err, HasSubstr("are in fp4 already; remove load_in_4bit and bnb_4bit_quant_type"));
}

}  // namespace
}  // namespace sift
