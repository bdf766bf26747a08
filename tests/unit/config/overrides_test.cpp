#include <gtest/gtest.h>

#include "unit/config/config_fixture.h"

namespace sift::config_test {
namespace {

TEST(ConfigSet, OverridesTheFile) {
  const Config config =
      read(kSmall + "seed = \"wrong\"\n[[callbacks]]\nplugin = \"logging\"\n",
           {"train.seed = 7", "train.learning_rate=1e-4", "loss.plugin=dft", "loss.alpha=1",
            "callbacks.logging.progress=on", "metrics.0.plugin=entropy", "metrics.1.plugin=accuracy",
            "memory.0.plugin=offload", "data.train=data/*.jsonl", "train.lr_scheduler_type=polynomial",
            "train.lr_scheduler_kwargs.power=2", "data.eval=[\"a\", \"b\"]", "data.eos_token=\"<|im_end|>\"",
            "train.seed=8"});
  EXPECT_EQ(config.train.seed, 8);
  EXPECT_EQ(config.train.learning_rate, 1e-4);
  EXPECT_EQ(config.components.loss.component->name, "dft");
  EXPECT_EQ(static_cast<const LogKnobs*>(config.components.callbacks[0].options.get())->progress, "on");
  EXPECT_EQ(names(config.components.metrics), (Names{"entropy", "accuracy", "aux"}));
  EXPECT_EQ(names(config.components.memory), Names{"offload"});
  EXPECT_EQ(config.data.train, Names{"data/*.jsonl"});
  EXPECT_EQ(config.data.eval, (Names{"a", "b"}));
  EXPECT_EQ(config.data.eos_token, "<|im_end|>");
  EXPECT_EQ(config.train.lr_scheduler_kwargs, (ScalarTable{{"power", 2.0}}));
}

TEST(ConfigSet, ReachesDefaultsAndMissingSections) {
  const Config config = read("", {"model.path=m", "data.train=t", "train.output_dir=o",
                                  "callbacks.logging.progress=on", "metrics=[]"});
  EXPECT_EQ(names(config.components.callbacks), Names{"logging"});
  EXPECT_EQ(static_cast<const LogKnobs*>(config.components.callbacks[0].options.get())->progress, "on");
  EXPECT_TRUE(config.components.metrics.empty());
}

TEST(ConfigSet, FaultsNameTheSetting) {
  EXPECT_EQ(faults(kSmall + "sed = 1\n", {"train.foo=1", "train.learning_rate=fast", "nothing.x=1",
                                          "callbacks.logg.x=1", "metrics.7.plugin=x", "train.seed.x=1",
                                          "memory.0.plugin=\"none\"", "callbacks.csv.plugin=logging"})
                .substr(0, 54),
            "sift.toml:7:1: [train] unknown key 'sed'; did you mean");
  EXPECT_EQ(
      faults(kSmall, {"train.learning_rate=fast"}),
      "--set train.learning_rate: [train] learning_rate: expected a number, found \"fast\"; a number has "
      "no quotes");
  EXPECT_EQ(
      faults(kSmall, {"nothing.x=1"}),
      "--set nothing.x: unknown section [nothing]; known: model, lora, data, train, parallel, plugins, loss, metrics, "
      "callbacks, memory");
  EXPECT_EQ(faults(kSmall, {"callbacks.loging.x=1"}),
            "--set callbacks.loging.x: no entry has the plugin 'loging'; did you mean 'logging'? there are: "
            "logging; to add one, set the plugin of entry 1");
  EXPECT_EQ(faults(kSmall, {"metrics.7.plugin=x"}),
            "--set metrics.7.plugin: there are 3 entries, counted from 0; 3 would add one");
  EXPECT_EQ(faults(kSmall + "seed = 3\n", {"train.seed.x=1"}),
            "--set train.seed.x: expected a table before 'x', found 3");
  EXPECT_EQ(faults(kSmall, {"callbacks.1.plugin=logging"}),
            "--set callbacks.1.plugin: [[callbacks]] plugin 'logging' is listed twice, first among "
            "the defaults");
}

TEST(ConfigSet, RefusesWhatIsNoSetting) {
  for (const char* bad : {"", "train.seed", "=3", ".=3", "train.=3", "train..seed=3", "train.seed=[1",
                          "model.path=\"open", "model.path=a\xFF"}) {
    EXPECT_THROW(read(kSmall, {bad}), UsageError) << bad;
  }
  EXPECT_EQ(faults(kSmall, {"train.seed"}),
            "--set train.seed: expected KEY=VALUE, like --set train.learning_rate=1e-4");
  EXPECT_EQ(read(kSmall, {"model.path=1\nx = 2"}).model.path, "1\nx = 2") << "a value begins no other entry";
}

}  // namespace
}  // namespace sift::config_test
