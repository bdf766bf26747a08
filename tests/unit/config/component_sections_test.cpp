#include "config/component_sections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/config_fixture.h"

namespace sift::config_test {
namespace {

using testing::HasSubstr;

const std::string kCsv = "[[callbacks]]\nplugin = \"csv\"\n";

std::string without(const std::string& section, const std::string& plugin) {
  return "[[" + section + "]]\nplugin = \"" + plugin + "\"\nenabled = false\n";
}

TEST(ComponentSections, EntriesAddToTheDefaults) {
  EXPECT_EQ(names(read(kSmall + kCsv).components.callbacks), (Names{"csv", "logging"}));
  EXPECT_EQ(names(read(kSmall + "[[metrics]]\nplugin = \"entropy\"\n").components.metrics),
            (Names{"entropy", "accuracy", "aux"}));
  const Config config = read(kSmall + kCsv + "[[callbacks]]\nplugin = \"logging\"\nprogress = \"off\"\n");
  ASSERT_EQ(names(config.components.callbacks), (Names{"csv", "logging"})) << "a default is there once";
  EXPECT_EQ(static_cast<const LogKnobs*>(config.components.callbacks[1].options.get())->progress, "off");
  EXPECT_FALSE(config.components.callbacks[1].is_default);
  EXPECT_TRUE(read(kSmall + kCsv).components.callbacks[1].is_default);
}

TEST(ComponentSections, EnabledFalseTakesOneAway) {
  EXPECT_EQ(names(read(kSmall + without("metrics", "entropy")).components.metrics),
            (Names{"accuracy", "aux"}));
  EXPECT_EQ(names(read(kSmall + kCsv + without("callbacks", "logging")).components.callbacks), Names{"csv"});
  EXPECT_EQ(names(read(kSmall + without("callbacks", "csv")).components.callbacks), Names{"logging"});
  EXPECT_EQ(names(read(kSmall + kCsv + "enabled = true\n").components.callbacks), (Names{"csv", "logging"}));
  EXPECT_TRUE(read(kSmall + without("memory", "offload")).components.memory.empty());
  EXPECT_EQ(names(read(kSmall + kCsv, {"callbacks.csv.enabled=false"}).components.callbacks),
            Names{"logging"});
  EXPECT_EQ(names(read(kSmall, {"metrics.aux.enabled=false"}).components.metrics),
            (Names{"accuracy", "entropy"}));
}

TEST(ComponentSections, AnEmptyListIsNone) {
  EXPECT_TRUE(read("callbacks = []\nmetrics = []\n" + kSmall).components.callbacks.empty());
  EXPECT_TRUE(read(kSmall + kCsv, {"callbacks=[]"}).components.callbacks.empty());
  EXPECT_EQ(names(read(kSmall, {"callbacks=[{plugin = \"csv\"}]"}).components.callbacks),
            (Names{"csv", "logging"}));
}

TEST(ComponentSections, IndicesOfTheFileStay) {
  EXPECT_EQ(names(read(kSmall + kCsv, {"callbacks.0.enabled=false"}).components.callbacks), Names{"logging"});
  EXPECT_EQ(names(read(kSmall, {"callbacks.1.plugin=csv"}).components.callbacks), (Names{"logging", "csv"}));
  EXPECT_EQ(names(read(kSmall, {"callbacks.0.plugin=csv"}).components.callbacks), (Names{"csv", "logging"}));
}

TEST(ComponentSections, FaultsOfEnabled) {
  EXPECT_EQ(faults(kSmall + kCsv + "enabled = \"no\"\n"),
            "sift.toml:9:11: [[callbacks]] enabled: expected a boolean, found \"no\"");
  EXPECT_EQ(faults(kSmall + without("callbacks", "loging")),
            "sift.toml:8:10: [[callbacks]] unknown plugin 'loging'; did you mean 'logging'? known callbacks: "
            "csv, logging");
  EXPECT_EQ(faults(kSmall + kCsv + without("callbacks", "csv")),
            "sift.toml:10:10: [[callbacks]] plugin 'csv' is listed twice, first on line 8");
  EXPECT_THAT(faults(kSmall + "[loss]\nplugin = \"nll\"\nenabled = false\n"),
              HasSubstr("[loss] unknown key 'enabled' for plugin 'nll'"));
  EXPECT_EQ(faults(kSmall + without("metrics", "entropy"), {}, catalog_without({"entropy"})), "none")
      << "a file may take away what another installation has";
}

TEST(ComponentSections, TheDumpTakesAwayWhatTheFileDoes) {
  const std::string dumped =
      dump_config(read(kSmall + kCsv + without("callbacks", "logging") + without("metrics", "entropy")));
  const Config again = read(dumped);
  EXPECT_EQ(names(again.components.callbacks), Names{"csv"});
  EXPECT_EQ(names(again.components.metrics), (Names{"accuracy", "aux"}));
  EXPECT_EQ(dump_config(again), dumped);
}

}  // namespace
}  // namespace sift::config_test
