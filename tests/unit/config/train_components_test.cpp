#include "config/train_components.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/config_fixture.h"

namespace sift::config_test {
namespace {

using testing::HasSubstr;

struct LayerKnobs {
  std::int64_t every_n_layers = 1;
  bool selective = false;
  static void describe(Schema<LayerKnobs>& schema) {
    schema.add("every_n_layers", &LayerKnobs::every_n_layers, "recompute every n-th layer", at_least(1));
    schema.add("selective", &LayerKnobs::selective, "keep the attention");
  }
};

ComponentCatalog catalog() {
  static const std::vector<LoadedComponent> more = {
      component<NoOptions, CallbackFactory>("tensorboard"),
      component<NoOptions, MemoryFactory>("activation_offload"),
      component<LayerKnobs, MemoryFactory>("gradient_checkpointing")};
  ComponentCatalog all = catalog_without({});
  for (const LoadedComponent& loaded : more) all.components.push_back(&loaded);
  return all;
}

Config config_of(const std::string& lines, const std::vector<std::string>& set = {}) {
  return read(kSmall + lines, set, catalog());
}

std::string faults_of(const std::string& lines) {
  return faults(kSmall + lines, {}, catalog());
}

Names callbacks(const std::string& lines) {
  return names(config_of(lines).components.callbacks);
}

Names memory(const std::string& lines) {
  return names(config_of(lines).components.memory);
}

const LayerKnobs& layers(const Config& config) {
  return *static_cast<const LayerKnobs*>(config.components.memory.at(0).options.get());
}

TEST(ReportTo, AddsCallbacks) {
  EXPECT_EQ(callbacks("report_to = [\"tensorboard\"]\n"), (Names{"logging", "tensorboard"}));
  EXPECT_EQ(callbacks("report_to = \"csv\"\n"), (Names{"logging", "csv"}));
  EXPECT_EQ(callbacks("report_to = \"all\"\n"), (Names{"logging", "tensorboard", "csv"}));
  for (const char* none : {"", "report_to = \"none\"\n", "report_to = [\"none\"]\n", "report_to = []\n"}) {
    EXPECT_EQ(callbacks(none), Names{"logging"}) << none;
  }
  EXPECT_EQ(callbacks("report_to = \"tensorboard\"\n[[callbacks]]\nplugin = \"tensorboard\"\n"),
            (Names{"tensorboard", "logging"}))
      << "an entry with options is the same callback";
  EXPECT_EQ(names(config_of("", {"train.report_to=tensorboard"}).components.callbacks),
            (Names{"logging", "tensorboard"}));
}

TEST(ReportTo, AnswersOtherNames) {
  EXPECT_EQ(
      faults_of("report_to = [\"wandb\", \"tensorbord\"]\n"),
      "sift.toml:7:13: [train] report_to: 'wandb' is not supported: Sift reports to no service; use "
      "\"tensorboard\" or \"csv\", or write a plugin: sift new-plugin callback NAME\n"
      "sift.toml:7:13: [train] report_to: unknown plugin 'tensorbord'; did you mean 'tensorboard'? known "
      "callbacks: csv, logging, tensorboard");
  EXPECT_THAT(faults_of("report_to = [\"none\", \"csv\"]\n"),
              HasSubstr("report_to: 'none' and 'all' are written alone"));
  EXPECT_EQ(faults_of("report_to = 3\n"),
            "sift.toml:7:13: [train] report_to: expected a list of strings, found 3");
  EXPECT_EQ(
      faults_of("report_to = \"csv\"\n[[callbacks]]\nplugin = \"csv\"\nenabled = false\n"),
      "sift.toml:7:13: [train] report_to asks for the plugin 'csv', which [[callbacks]] disables on line "
      "10; remove one of the two");
}

TEST(MemoryOptions, MeanThePlugins) {
  EXPECT_EQ(memory("gradient_checkpointing = true\n"), Names{"gradient_checkpointing"});
  EXPECT_EQ(memory("activation_offloading = true\n"), Names{"activation_offload"});
  EXPECT_EQ(memory("activation_offloading = true\ngradient_checkpointing = true\n"),
            (Names{"gradient_checkpointing", "activation_offload"}));
  EXPECT_EQ(memory("gradient_checkpointing = true\n[[memory]]\nplugin = \"activation_offload\"\n"),
            (Names{"gradient_checkpointing", "activation_offload"}));
  EXPECT_TRUE(memory("gradient_checkpointing = false\nactivation_offloading = false\n").empty());
}

TEST(MemoryOptions, KwargsAreOptionsOfThePlugin) {
  const Config config = config_of(
      "gradient_checkpointing = true\n"
      "gradient_checkpointing_kwargs = { use_reentrant = false, every_n_layers = 2, selective = true }\n");
  EXPECT_EQ(layers(config).every_n_layers, 2);
  EXPECT_TRUE(layers(config).selective);
  const Config merged = config_of(
      "gradient_checkpointing = true\ngradient_checkpointing_kwargs = { selective = true }\n"
      "[[memory]]\nplugin = \"gradient_checkpointing\"\nevery_n_layers = 3\n");
  EXPECT_EQ(names(merged.components.memory), Names{"gradient_checkpointing"});
  EXPECT_EQ(layers(merged).every_n_layers, 3);
  EXPECT_TRUE(layers(merged).selective);
  const std::string dumped = dump_config(config);
  EXPECT_EQ(dump_config(read(dumped, {}, catalog())), dumped);
}

TEST(MemoryOptions, FaultsNameTheOption) {
  const std::string on = "gradient_checkpointing = true\ngradient_checkpointing_kwargs = ";
  EXPECT_EQ(faults_of(on + "{ every_n_layer = 2 }\n").substr(0, 111),
            "sift.toml:8:35: [train] unknown key 'gradient_checkpointing_kwargs.every_n_layer'; did you mean "
            "'every_n_layers");
  EXPECT_THAT(
      faults_of(on + "{ every_n_layers = 0 }\n"),
      HasSubstr("[train] gradient_checkpointing_kwargs.every_n_layers: expected an integer, at least 1"));
  EXPECT_EQ(
      faults_of(on + "{ offload = true }\n"),
      "sift.toml:8:35: [train] 'gradient_checkpointing_kwargs.offload' is activation_offloading in [train]");
  EXPECT_EQ(
      faults_of("gradient_checkpointing = 1\ngradient_checkpointing_kwargs = { use_reentrant = false }\n"),
      "sift.toml:7:26: [train] gradient_checkpointing: expected a boolean, found 1")
      << "and no word about what follows from it";
  EXPECT_EQ(
      faults_of(on + "{ every_n_layers = [1] }\n"),
      "sift.toml:8:33: [train] gradient_checkpointing_kwargs: expected a table of plain values, found a list "
      "for 'every_n_layers'");
  EXPECT_EQ(
      faults_of("gradient_checkpointing_kwargs = { use_reentrant = false }\n"),
      "sift.toml:7:33: [train] gradient_checkpointing_kwargs needs gradient_checkpointing = true, which is "
      "TRL's default and not Sift's");
  EXPECT_EQ(faults_of("gradient_checkpointing = false\n[[memory]]\nplugin = \"gradient_checkpointing\"\n"),
            "sift.toml:7:26: [train] gradient_checkpointing: false, but [[memory]] has plugin = "
            "\"gradient_checkpointing\"; remove one of the two, or give the entry enabled = false");
  EXPECT_EQ(faults_of("activation_offloading = \"yes\"\n").substr(0, 61),
            "sift.toml:7:25: [train] activation_offloading: expected a boo");
  EXPECT_EQ(
      faults(kSmall + "gradient_checkpointing = true\n"),
      "sift.toml:7:26: [train] gradient_checkpointing: unknown plugin 'gradient_checkpointing'; known memory "
      "strategies: offload");
}

}  // namespace
}  // namespace sift::config_test
