#include <gtest/gtest.h>

#include <utility>

#include "config/component_sections.h"
#include "config/options_page.h"
#include "config/sections.h"
#include "unit/config/config_fixture.h"

namespace sift::config_test {
namespace {

TEST(ConfigDump, IsReadBackTheSame) {
  const Config config =
      read(kSmall + "[loss]\nplugin = \"dft\"\n[[memory]]\nplugin = \"offload\"\nlimit = 4\n",
           {"train.learning_rate=0.1", "train.weight_decay=0.30000000000000004",
            "model.path=\"a \\\"q\\\" \\\\ \\n\\u0001\"", "data.train=[\"x\", \"y\"]",
            "train.lr_scheduler_type=cosine_with_min_lr",
            "train.lr_scheduler_kwargs={min_lr = 1, num_cycles = 0.25}", "callbacks=[]",
            "train.adam_epsilon=1e-300", "data.completion_only_loss=true", "plugins.paths=[\"p\"]"});
  const std::string dumped = dump_config(config);
  const Config again = read(dumped);
  EXPECT_EQ(dump_config(again), dumped);
  EXPECT_EQ(again.model.path, "a \"q\" \\ \n\x01");
  EXPECT_EQ(again.train.learning_rate, 0.1);
  EXPECT_EQ(again.train.weight_decay, 0.30000000000000004);
  EXPECT_EQ(again.train.adam_epsilon, 1e-300);
  EXPECT_EQ(again.train.lr_scheduler_kwargs, config.train.lr_scheduler_kwargs);
  EXPECT_EQ(again.data.completion_only_loss, true);
  EXPECT_FALSE(again.train.bf16.has_value());
  EXPECT_EQ(again.plugin_paths, Names{"p"});
  EXPECT_TRUE(again.components.callbacks.empty());
  EXPECT_EQ(names(again.components.metrics), (Names{"accuracy", "entropy", "aux"}));
  EXPECT_EQ(static_cast<const Knobs*>(again.components.memory[0].options.get())->limit, 4);
}

TEST(ConfigDump, ShowsEveryOptionWithItsHelp) {
  const std::string dumped = dump_config(read(kSmall + "[loss]\nplugin = \"dft\"\n"));
  for (const std::string line :
       {"[train]\n", "# peak learning rate (at least 0)\nlearning_rate = 2e-05\n",
        "# bf16 = <boolean, not set>\n", "memory = []\n", "lr_scheduler_kwargs = {}\n",
        "[loss]\nplugin = \"dft\"\n# weight of the second term (between 0 and 1)\nalpha = 0.5\n",
        "[[callbacks]]\nplugin = \"logging\"\n"}) {
    EXPECT_NE(dumped.find(line), std::string::npos) << line << "\nis not in\n" << dumped;
  }
}

TEST(ConfigDocs, PageHasEveryOption) {
  const ComponentCatalog catalog = catalog_without({});
  const std::string page = options_page(catalog);
  EXPECT_EQ(page, options_page(catalog));
  for (const std::string line :
       {"\n## [model]\n", "| `path` | string | required | not empty |",
        "| `learning_rate` | number | `2e-05` | at least 0 |",
        "| `completion_only_loss` | boolean | not set |  |", "\n### plugin = \"dft\"\n\nAbout dft\n",
        "where \\| things go", "| `linear` | none | | | |\n",
        "| `warmup_stable_decay` | `num_decay_steps` | integer | at least 0 |",
        "## [[callbacks]]\n\nEvery run has: logging. Entries add to these"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line << "\nis not in\n" << page;
  }
  EXPECT_EQ(page.find(".so"), std::string::npos) << "where a plugin is installed is not part of the page";
}

TEST(ConfigDocs, DescribesAComponent) {
  const ComponentCatalog catalog = catalog_without({});
  EXPECT_EQ(describe_component(*catalog.find(Kind::kLoss, "dft")),
            "loss dft\n  About dft\n  /plugins/dft.so\n\noptions\n"
            "  alpha  number, between 0 and 1; default 0.5\n      weight of the second term\n"
            "  folder  string, not empty; default \"f\"\n      where | things go\n"
            "  limit  integer, at least 1; default not set\n      most of them\n");
  EXPECT_EQ(describe_component(*catalog.find(Kind::kLoss, "nll")),
            "loss nll\n  About nll\n  /plugins/nll.so\n\nno options\n");
}

/// `word` with one letter dropped, doubled, or swapped with the next.
std::vector<std::string> misspellings(const std::string& word) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < word.size(); ++i) {
    std::string dropped = word, doubled = word, swapped = word;
    all.push_back(dropped.erase(i, 1));
    all.push_back(doubled.insert(i, 1, word[i]));
    if (i + 1 < word.size() && word[i] != word[i + 1]) {
      std::swap(swapped[i], swapped[i + 1]);
      all.push_back(swapped);
    }
  }
  return all;
}

void expect_suggestion(const std::string& section, const std::string& key, const std::string& before) {
  for (const std::string& wrong : misspellings(key)) {
    if (wrong.empty()) continue;
    const std::string text = faults(kSmall + before, {section + "." + wrong + "=1"});
    const std::string expected = "unknown key '" + wrong + "'";
    EXPECT_NE(text.find(expected), std::string::npos) << wrong << "\n" << text;
    if (wrong == "adam_beta") continue;  // as near to adam_beta1 as to adam_beta2
    if (key.size() == 1) continue;       // every short word is as near to it
    EXPECT_NE(text.find("; did you mean '" + key + "'?"), std::string::npos) << wrong << "\n" << text;
  }
}

TEST(ConfigFuzz, EveryMisspelledKeyIsRefusedAndCorrected) {
  for (const Section& section : sections()) {
    for (const OptionSpec& spec : section.specs) expect_suggestion(section.name, spec.key, "");
  }
  for (const char* key : {"plugin", "alpha", "folder", "limit"}) {
    expect_suggestion("loss", key, "[loss]\nplugin = \"dft\"\n");
  }
}

TEST(ConfigFuzz, EveryMisspelledSectionIsRefused) {
  Names all;
  for (const Section& section : sections()) all.push_back(section.name);
  for (const ComponentSection& section : component_sections()) all.push_back(section.name);
  for (const std::string& name : all) {
    for (const std::string& wrong : misspellings(name)) {
      const std::string text = faults(kSmall, {wrong + ".x=1"});
      EXPECT_NE(text.find("unknown section [" + wrong + "]; did you mean '" + name + "'?"), std::string::npos)
          << text;
    }
  }
}

TEST(ConfigFuzz, CutAndChangedFilesNeverCrash) {
  const std::string whole = dump_config(read(kSmall + "[loss]\nplugin = \"dft\"\n"));
  for (std::size_t i = 0; i < whole.size(); i += 7) {
    faults(whole.substr(0, i));
    for (const char letter : {'[', ']', '"', '=', '\n', '.', '\x80', '\0', '-'}) {
      std::string changed = whole;
      changed[i] = letter;
      faults(changed);
    }
  }
}

}  // namespace
}  // namespace sift::config_test
