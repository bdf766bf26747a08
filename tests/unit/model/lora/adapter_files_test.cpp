#include "model/lora/adapter_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <sift/error.h>
#include "formats/safetensors.h"
#include "model/lora/adapter_config.h"
#include "model/lora/load_adapted.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path kParity = fs::path(SIFT_FIXTURES) / "parity";

Decoder adapted(const std::string& model, const LoraOptions& options) {
  const ModelConfig config = ModelConfig::from_folder(kParity / "models" / model);
  Decoder decoder = Decoder::load(kParity / "models" / model, config, at::kFloat, at::kCPU);
  decoder.add_adapter(std::make_shared<const Adapter>(options, config), 3);
  return decoder;
}

std::string fault(const fs::path& folder, const Decoder& model) {
  try {
    load_adapter(folder, model);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(AdapterFiles, AreThoseOfPeftByteForByte) {
  for (const auto& [name, model] : {std::pair("lora-dora", "llama"),
                                    {"lora-head", "llama"},
                                    {"lora-bias", "llama-tied-bias"},
                                    {"lora-mixtral", "mixtral"}}) {
    const fs::path folder = kParity / "adapters" / name / "adapter";
    const Decoder decoder = adapted(model, read_adapter_config(folder).options);
    load_adapter(folder, decoder);
    const test::TempFolder saved;
    save_adapter(decoder, model, saved.path());
    EXPECT_TRUE(test::read_file(saved / "adapter_model.safetensors") ==
                test::read_file(folder / "adapter_model.safetensors"))
        << name;
  }
}

TEST(AdapterFiles, ThatDoNotFitAreRefused) {
  const fs::path folder = kParity / "adapters/lora-qv/adapter";
  LoraOptions options = read_adapter_config(folder).options;
  options.r = 4;
  EXPECT_THAT(fault(folder, adapted("llama", options)),
              HasSubstr("lora_A.weight' has shape [8, 64], expected [4, 64]"));
  options.r = 8;
  options.target_modules = std::vector<std::string>{"q_proj"};
  EXPECT_THAT(fault(folder, adapted("llama", options)),
              HasSubstr("v_proj.lora_A.weight' is not part of this adapter"));
  options.target_modules = std::vector<std::string>{"q_proj", "k_proj", "v_proj"};
  EXPECT_THAT(fault(folder, adapted("llama", options)), HasSubstr("k_proj.lora_A.weight' is missing"));
  options.target_modules = std::vector<std::string>{"q_proj", "v_proj"};
  options.lora_alpha = 1;
  EXPECT_THAT(fault(folder, adapted("llama", options)),
              HasSubstr("lora_alpha is 16, and 1 in [lora] of this run"));
  EXPECT_THAT(fault(kParity / "models/llama", adapted("llama", options)),
              HasSubstr("has no adapter_model.safetensors"));
}

TEST(LoadAdapted, PutsAnAdapterOnItsBase) {
  const fs::path source = kParity / "adapters/lora-qv/adapter";
  const test::TempFolder folder;
  fs::copy(source / "adapter_model.safetensors", folder / "adapter_model.safetensors");
  std::string config = test::read_file(source / "adapter_config.json");
  const std::string base = (kParity / "models/llama").string();
  config.replace(config.find("\"llama\""), 7, "\"" + base + "\"");
  folder.write("adapter_config.json", config);
  const Decoder model = load_adapted(folder.path(), ModelConfig::from_folder(base), at::kFloat, at::kCPU);
  ASSERT_NE(model.adapter(), nullptr);
  const SafetensorsFile file(source / "adapter_model.safetensors");
  const auto b = std::ranges::find(model.parameters(), "model.layers.1.self_attn.v_proj.lora_B.weight",
                                   &Parameter::name);
  EXPECT_TRUE(
      at::equal(b->tensor, file.tensor("base_model.model.model.layers.1.self_attn.v_proj.lora_B.weight")));
  EXPECT_EQ(load_adapted(base, ModelConfig::from_folder(base), at::kFloat, at::kCPU).adapter(), nullptr);
}

}  // namespace
}  // namespace sift
