#include "config/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "unit/config/config_fixture.h"

namespace sift::config_test {
namespace {

TEST(Config, DefaultsAreThoseOfTrl) {
  const Config config = read(kSmall);
  EXPECT_EQ(config.data.train, Names{"t.jsonl"});
  EXPECT_EQ(config.data.max_length, 1024);
  EXPECT_EQ(config.train.learning_rate, 2e-5);
  EXPECT_EQ(config.train.lr_scheduler_type, "linear");
  EXPECT_EQ(config.train.num_train_epochs, 3.0);
  EXPECT_EQ(config.components.loss.component->name, "nll");
  EXPECT_EQ(names(config.components.metrics), (Names{"accuracy", "entropy", "aux"}));
  EXPECT_EQ(names(config.components.callbacks), Names{"logging"});
  EXPECT_TRUE(config.components.memory.empty());
}

TEST(Config, ComponentsHaveTheirOptions) {
  const Config config = read(kSmall +
                             "[loss]\nplugin = \"dft\"\nalpha = 1\n"
                             "[[callbacks]]\nplugin = \"logging\"\nprogress = \"off\"\n"
                             "[[memory]]\nplugin = \"offload\"\nlimit = 4\n");
  EXPECT_EQ(static_cast<const Knobs*>(config.components.loss.options.get())->alpha, 1.0);
  EXPECT_EQ(names(config.components.callbacks), Names{"logging"});
  EXPECT_EQ(static_cast<const LogKnobs*>(config.components.callbacks[0].options.get())->progress, "off");
  EXPECT_EQ(static_cast<const Knobs*>(config.components.memory[0].options.get())->limit, 4);
  EXPECT_EQ(names(config.components.metrics), (Names{"accuracy", "entropy", "aux"}));
  EXPECT_TRUE(read("metrics = []\n" + kSmall).components.metrics.empty());
}

TEST(Config, ValuesAreRead) {
  const Config config = read(
      "[model]\npath = \"m\"\n[data]\ntrain = [\"a\", \"b\"]\ncompletion_only_loss = false\npadding_free = "
      "true\n[train]\noutput_dir = \"o\"\nlr_scheduler_type = \"polynomial\"\n"
      "lr_scheduler_kwargs = { power = 2, lr_end = 1e-6 }\ndevice = \"cuda:12\"\nbf16 = "
      "true\n[plugins]\npaths = \"p\"\n");
  EXPECT_EQ(config.train.bf16, true);
  EXPECT_EQ(config.data.train, (Names{"a", "b"}));
  EXPECT_EQ(config.data.completion_only_loss, false);
  EXPECT_EQ(config.train.lr_scheduler_kwargs, (ScalarTable{{"lr_end", 1e-6}, {"power", 2.0}}))
      << "a number of a schedule is a double, however it was written";
  EXPECT_EQ(config.train.device, "cuda:12");
  EXPECT_EQ(config.plugin_paths, Names{"p"});
}

TEST(Config, TildeIsTheHomeFolderInEveryPath) {
  const std::string home = std::getenv("HOME");
  const Config config = read(
      "[model]\npath = \"~/m\"\n[data]\ntrain = [\"~/a/*.jsonl\", \"b\"]\neval = \"~/e.jsonl\"\n"
      "chat_template_path = \"~/t.jinja\"\ntoken_cache = \"~/c\"\neos_token = \"~/x\"\n[train]\noutput_dir = "
      "\"~/o\"\n[plugins]\npaths = [\"~/p\"]\n[[memory]]\nplugin = \"offload\"\nfolder = \"~/f\"\n",
      {"train.resume_from_checkpoint=~/r"});
  EXPECT_EQ(config.model.path, home + "/m");
  EXPECT_EQ(config.data.train, (Names{home + "/a/*.jsonl", "b"}));
  EXPECT_EQ(config.data.eval, Names{home + "/e.jsonl"});
  EXPECT_EQ(config.data.chat_template_path, home + "/t.jinja");
  EXPECT_EQ(config.data.token_cache, home + "/c");
  EXPECT_EQ(config.data.eos_token, "~/x") << "a token is no path";
  EXPECT_EQ(config.train.output_dir, home + "/o");
  EXPECT_EQ(config.train.resume_from_checkpoint, home + "/r");
  EXPECT_EQ(config.plugin_paths, Names{home + "/p"});
  EXPECT_EQ(static_cast<const Knobs*>(config.components.memory[0].options.get())->folder, home + "/f");
  EXPECT_EQ(static_cast<const Knobs*>(read(kSmall + "[[memory]]\nplugin = \"offload\"\nfolder = \"~\"\n")
                                          .components.memory[0]
                                          .options.get())
                ->folder,
            "~")
      << "a plugin's text without a slash may be anything";
}

TEST(Config, SyntaxErrorsStandAlone) {
  const std::string text = faults("[train]\nseed = = 3\nlerning_rate = 1\n");
  EXPECT_EQ(text.rfind("sift.toml:2:8: this is not TOML: ", 0), 0u) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

TEST(Config, SyntaxErrorsInHeaders) {
  for (const char* bad : {"[=]", "[.a]", "[", "[[", "[[a]", "[]", "[\xC3\xA9]", "[a.]"}) {
    EXPECT_EQ(faults(bad).rfind("sift.toml:1:", 0), 0u) << bad << ": " << faults(bad);
  }
}

TEST(Config, LettersBeyondAsciiBelongInQuotes) {
  EXPECT_EQ(faults("# \xC3\xA9\n[train]\nseed = 1 \xC3\xA9\n"),
            "sift.toml:3:10: this is not TOML: a non-ASCII character outside of quotes");
  EXPECT_EQ(faults("\xD0\xBA = 1\n").rfind("sift.toml:1:1: this is not TOML: ", 0), 0u);
  const std::string legal =
      "\xEF\xBB\xBF"
      R"(# @
[model] # '@
path = '@\' # "
[data]
train = ["""
@"""", "\"@", '''a
@''', "@"]
[train]
output_dir = "@"
)";
  std::string accented;
  for (const char letter : legal) accented += letter == '@' ? "\xC3\xA9" : std::string(1, letter);
  EXPECT_EQ(read(accented).data.train, (Names{"\xC3\xA9\"", "\"\xC3\xA9", "a\n\xC3\xA9", "\xC3\xA9"}));
  EXPECT_EQ(read(kSmall, {"model.path=\xC3\xA9"}).model.path, "\xC3\xA9");
}

TEST(Config, MissingOptions) {
  EXPECT_EQ(faults(""),
            "sift.toml:1:1: [model] missing required option 'path' (model folder: config.json, safetensors "
            "files, tokenizer.json)\n"
            "sift.toml:1:1: [data] missing required option 'train' (training data: a .jsonl, .json, .csv "
            "or .parquet file, a glob pattern like data/*.jsonl, or a list of these)\n"
            "sift.toml:1:1: [train] missing required option 'output_dir' (output folder for the trained "
            "model, logs and checkpoints)");
  EXPECT_EQ(faults("[model]\npath = \"m\"\n[data]\ntrain = \"t\"\n\n[train]\nseed = 1\n"),
            "sift.toml:6:1: [train] missing required option 'output_dir' (output folder for the trained "
            "model, logs and checkpoints)");
}

TEST(Config, UnknownKeysAndSections) {
  EXPECT_EQ(faults(kSmall + "[plugins]\n  pahts = \"x\"\n"),
            "sift.toml:8:3: [plugins] unknown key 'pahts'; did you mean 'paths'? known: paths");
  EXPECT_EQ(
      faults(kSmall + "[trian]\nseed = 1\n"),
      "sift.toml:7:2: unknown section [trian]; did you mean 'train'? known: model, lora, data, train, parallel, plugins, "
      "loss, metrics, callbacks, memory");
  EXPECT_EQ(
      faults("seed = 1\nfp16 = true\nfoo = 1\n" + kSmall),
      "sift.toml:1:1: 'seed' belongs in [train]\n"
      "sift.toml:2:1: 'fp16' is not supported; use bf16 in [train]\n"
      "sift.toml:3:1: 'foo' is outside of any section; sections are: model, lora, data, train, parallel, plugins, "
      "loss, metrics, callbacks, memory");
  EXPECT_EQ(faults(kSmall + "[[model]]\n").find("sift.toml:7:"), 0u) << "the parser refuses it";
  EXPECT_EQ(faults("[[model]]\npath = \"m\"\n" + kSmall.substr(kSmall.find("[data]"))),
            "sift.toml:1:1: [model] expected one section, found more than one or a list");
}

TEST(Config, KeysThatLiveElsewhere) {
  EXPECT_EQ(faults(kSmall + "max_length = 3\n"),
            "sift.toml:7:1: [train] unknown key 'max_length'; it belongs in [data]");
  EXPECT_EQ(faults(kSmall + "early_stopping_patience = 3\n"),
            "sift.toml:7:1: [train] 'early_stopping_patience' belongs in [[callbacks]] plugin = "
            "\"early_stopping\"");
  EXPECT_EQ(faults(kSmall + "[[callbacks]]\nplugin = \"csv\"\nsave_steps = 3\n"),
            "sift.toml:9:1: [[callbacks]] unknown key 'save_steps' for plugin 'csv'; it belongs in [train]");
  EXPECT_EQ(faults(kSmall + "[loss]\nplugin = \"nll\"\nloss_type = \"dft\"\n"),
            "sift.toml:9:1: [loss] 'loss_type' is the plugin of [loss]: plugin = \"nll\" or \"dft\"");
  EXPECT_EQ(
      faults("[data]\ntrain = \"t\"\nuse_peft = true\n[model]\npath = \"m\"\n[train]\noutput_dir = \"o\"\n"),
      "sift.toml:3:1: [data] 'use_peft' has no use here: a run with a section [lora] trains an adapter");
}

TEST(Config, PackingNeedsALimitAndCrossingNeedsWrapped) {
  const std::string start = "[model]\npath = \"m\"\n[train]\noutput_dir = \"o\"\n[data]\ntrain = \"t\"\n";
  EXPECT_EQ(faults(start + "max_length = 0\npacking = true\n"),
            "sift.toml:7:14: [data] max_length: 0 means no limit, but packing = true packs rows up to this "
            "length; set a limit such as 1024, or disable packing");
  EXPECT_EQ(faults(start + "cross_documents = true\npacking = true\n"),
            "sift.toml:7:19: [data] cross_documents: true requires packing = true and packing_strategy = "
            "\"wrapped\", found packing_strategy = \"bfd\"");
  const Config config =
      read(start + "packing = true\npacking_strategy = \"wrapped\"\ncross_documents = true\n");
  EXPECT_TRUE(config.data.cross_documents);
  EXPECT_EQ(config.data.eval_packing, std::nullopt);
}

TEST(Config, WrongTypesAndRanges) {
  EXPECT_EQ(
      faults(kSmall + "seed = \"x\"\nmax_steps = 1e3\nlearning_rate = -1\nbf16 = 1979-05-27\n"
                      "device = [1, 2]\nadam_beta1 = nan\neval_strategy = \"step\"\n"),
      "sift.toml:7:8: [train] seed: expected an integer, found \"x\"; a number has no quotes\n"
      "sift.toml:8:13: [train] max_steps: expected an integer, found 1000.0; an integer has no decimal point "
      "and no exponent, write 1000\n"
      "sift.toml:9:17: [train] learning_rate: expected a number, at least 0, found -1 (peak learning rate)\n"
      "sift.toml:10:8: [train] bf16: expected a boolean, found the date or time 1979-05-27\n"
      "sift.toml:11:10: [train] device: expected a string, found a list\n"
      "sift.toml:12:14: [train] adam_beta1: expected a finite number, found nan\n"
      "sift.toml:13:17: [train] eval_strategy: expected a string, one of \"no\", \"steps\", \"epoch\", found "
      "\"step\"; did you mean 'steps'? (when to evaluate: never, every eval_steps steps, or after each "
      "epoch)");
  EXPECT_EQ(faults(kSmall + "lr_scheduler_kwargs = { a = [1] }\n"),
            "sift.toml:7:23: [train] lr_scheduler_kwargs: expected a table of plain values, found a list for "
            "'a'");
  const std::string head = "[model]\npath = \"m\"\n[train]\noutput_dir = \"o\"\n[data]\n";
  EXPECT_EQ(faults(head + "train = [\"a\", 3]\n"),
            "sift.toml:6:9: [data] train: expected a list of strings, found 3 in it");
  EXPECT_EQ(faults(head + "train = []\n").substr(0, 70),
            "sift.toml:6:9: [data] train: expected a list of strings, not empty, fo");
}

TEST(Config, RangesOfSingleOptions) {
  const auto accepts = [](const std::string& line) { return faults(kSmall + line + "\n") == "none"; };
  for (const char* good :
       {"max_steps = -1", "max_steps = 1", "seed = 0", "seed = 4294967295", "eval_steps = 0",
        "eval_steps = 0.5", "eval_steps = 7", "device = \"cuda\"", "device = \"cuda:0\"", "max_grad_norm = 0",
        "adam_beta1 = 0", "warmup_steps = 0.03", "warmup_steps = 100", "logging_steps = 0.01",
        "logging_steps = 3", "save_steps = 0.35", "save_strategy = \"epoch\"", "save_total_limit = 0"}) {
    EXPECT_TRUE(accepts(good)) << good;
  }
  for (const char* bad : {"max_steps = 0",
                          "max_steps = -2",
                          "seed = -1",
                          "seed = 4294967296",
                          "eval_steps = -1",
                          "eval_steps = 1.5",
                          "device = \"gpu\"",
                          "device = \"cuda:\"",
                          "device = \"cuda:x\"",
                          "device = \"cuda:1234\"",
                          "adam_beta2 = 1",
                          "num_train_epochs = 0",
                          "gradient_accumulation_steps = 0",
                          "warmup_steps = -1",
                          "weight_decay = -0.1",
                          "logging_steps = 2.5",
                          "logging_steps = 0",
                          "save_steps = 0",
                          "save_strategy = \"best\"",
                          "save_total_limit = -1"}) {
    EXPECT_FALSE(accepts(bad)) << bad;
  }
}

TEST(Config, Plugins) {
  EXPECT_EQ(faults(kSmall + "[loss]\nplugin = \"dtf\"\nwhatever = 1\n"),
            "sift.toml:8:10: [loss] unknown plugin 'dtf'; did you mean 'dft'? known losses: dft, nll");
  EXPECT_EQ(faults(kSmall + "[loss]\nplugin = \"focal\"\n"),
            "sift.toml:8:10: [loss] unknown plugin 'focal'; known losses: dft, nll; /plugins/focal.so was "
            "refused: built for abi 0, this program has abi 1; rebuild it");
  EXPECT_EQ(faults(kSmall + "[loss]\nplugin = \"logging\"\n"),
            "sift.toml:8:10: [loss] plugin 'logging' is a callback: it belongs in [[callbacks]]");
  EXPECT_EQ(
      faults(kSmall + "[loss]\nplugin = \"dft\"\nalhpa = 1\nfolder = \"\"\n"),
      "sift.toml:9:1: [loss] unknown key 'alhpa' for plugin 'dft'; did you mean 'alpha'? known: plugin, "
      "alpha, folder, limit\n"
      "sift.toml:10:10: [loss] folder: expected a string, not empty, found \"\" (where | things go)");
  EXPECT_EQ(faults(kSmall + "[loss]\nalpha = 1\n"),
            "sift.toml:7:1: [loss] expected a table with plugin = \"...\"; known losses: dft, nll");
  EXPECT_EQ(faults(kSmall + "[loss]\nplugin = 3\n"),
            "sift.toml:8:10: [loss] plugin: expected a string, found 3");
  EXPECT_EQ(faults(kSmall + "[callbacks]\nplugin = \"logging\"\n"),
            "sift.toml:7:1: [[callbacks]] expected [[callbacks]], once for each plugin, found [callbacks]");
  EXPECT_EQ(faults(kSmall + "[[loss]]\nplugin = \"nll\"\n"),
            "sift.toml:7:1: [loss] a run has exactly one loss: write [loss] once");
  EXPECT_EQ(
      faults("memory = [\"offload\"]\n" + kSmall),
      "sift.toml:1:11: [[memory]] expected a table with plugin = \"...\", found \"offload\"; known memory "
      "strategies: offload");
  EXPECT_EQ(faults(kSmall + "[[memory]]\nplugin = \"offload\"\n[[memory]]\nplugin = \"offload\"\n"),
            "sift.toml:10:10: [[memory]] plugin 'offload' is listed twice, first on line 8");
}

TEST(Config, DefaultPluginsHaveToBeInstalledExceptEntropyAndAux) {
  EXPECT_EQ(names(read(kSmall, {}, catalog_without({"entropy", "aux"})).components.metrics),
            Names{"accuracy"});
  EXPECT_EQ(faults(kSmall, {}, catalog_without({"logging", "nll"})),
            "sift.toml:1:1: [loss] the default plugin 'nll' is not installed; known losses: dft\n"
            "sift.toml:1:1: [[callbacks]] the default plugin 'logging' is not installed; known callbacks: "
            "csv");
  EXPECT_EQ(faults(kSmall + "[[metrics]]\nplugin = \"entropy\"\n", {}, catalog_without({"entropy"})),
            "sift.toml:8:10: [[metrics]] unknown plugin 'entropy'; known metrics: accuracy, aux");
}

TEST(Config, OptionsThatDependOnEachOther) {
  EXPECT_EQ(faults(kSmall + "eval_on_start = true\neval_strategy = \"steps\"\n"),
            "sift.toml:7:17: [train] eval_on_start: true needs evaluation data; set eval in [data]\n"
            "sift.toml:8:17: [train] eval_strategy: \"steps\" needs evaluation data; set eval in [data]");
  EXPECT_EQ(faults(kSmall + "eval_strategy = \"steps\"\n", {"data.eval=e.jsonl"}), "none");
  EXPECT_EQ(faults(kSmall + "eval_strategy = \"steps\"\n", {"data.eval=3"}),
            "--set data.eval: [data] eval: expected a list of strings, found 3")
      << "data that is there but wrong is not reported as missing too";
}

std::string schedule_faults(const std::string& name, const std::string& kwargs,
                            const std::string& more = "") {
  return faults(kSmall + "lr_scheduler_type = \"" + name + "\"\nlr_scheduler_kwargs = { " + kwargs + " }\n" +
                more);
}

TEST(Config, SchedulesCheckTheirOptions) {
  EXPECT_EQ(schedule_faults("cosine_with_min_lr", "min_lr = 0"), "none");
  EXPECT_EQ(schedule_faults("warmup_stable_decay", "num_decay_steps = 3, decay_type = \"1-sqrt\""), "none");
  EXPECT_EQ(schedule_faults("linear", "power = 2"),
            "sift.toml:8:25: [train] unknown key 'lr_scheduler_kwargs.power' for lr_scheduler_type 'linear'; "
            "known: none");
  EXPECT_EQ(schedule_faults("cosine_with_min_lr", "min_lr_rat = 2, num_cycles = \"a\""),
            "sift.toml:8:25: [train] unknown key 'lr_scheduler_kwargs.min_lr_rat' for lr_scheduler_type "
            "'cosine_with_min_lr'; did you mean 'min_lr_rate'? known: num_cycles, min_lr, min_lr_rate\n"
            "sift.toml:8:54: [train] lr_scheduler_kwargs.num_cycles: expected a number, found \"a\"; a "
            "number has no quotes");
  EXPECT_EQ(schedule_faults("cosine_with_min_lr", ""),
            "sift.toml:7:21: [train] lr_scheduler_type: 'cosine_with_min_lr' needs exactly one of min_lr and "
            "min_lr_rate in lr_scheduler_kwargs, found neither");
  EXPECT_EQ(
      schedule_faults("cosine_warmup_with_min_lr", "min_lr = 1e-6, min_lr_rate = 0.1"),
      "sift.toml:7:21: [train] lr_scheduler_type: 'cosine_warmup_with_min_lr' needs exactly one of min_lr "
      "and min_lr_rate in lr_scheduler_kwargs, found both");
  EXPECT_EQ(schedule_faults("warmup_stable_decay", "warmup_type = \"linear\""),
            "sift.toml:7:21: [train] lr_scheduler_type: 'warmup_stable_decay' needs num_decay_steps in "
            "lr_scheduler_kwargs");
  EXPECT_EQ(
      schedule_faults("polynomial", "lr_end = 1e-3", "learning_rate = 1e-3\n"),
      "sift.toml:7:21: [train] lr_scheduler_type: 'polynomial' needs a learning_rate above lr_end, found "
      "learning_rate 0.001 and lr_end 0.001");
  EXPECT_EQ(faults(kSmall + "lr_scheduler_type = \"greedy\"\nlr_scheduler_kwargs = { x = 1 }\n").find('\n'),
            std::string::npos)
      << "the options of a schedule that is not known are not reported";
}

TEST(ConfigFile, ThatCannotBeRead) {
  PluginHost host;
  const auto fault = [&](const std::filesystem::path& file) -> std::string {
    try {
      load_config(file, {}, host);
      return "none";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_EQ(fault("no/such.toml"), "no/such.toml: cannot read the configuration: No such file or directory");
  EXPECT_EQ(fault("/tmp"), "/tmp: this is a folder; expected a TOML file");
}

TEST(ConfigFile, KeysOfManyDotsAreRefused) {
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  EXPECT_EQ(faults("\n" + key + " = 1\n"),
            "sift.toml:2:66: this is not a configuration: a key with more than 32 dots");
  std::string numbers;  // whose dots are no key's
  for (int i = 0; i < 40; ++i) numbers += "0.5, ";
  EXPECT_EQ(faults(kSmall + "learning_rates = [" + numbers + "]\n").find("dots"), std::string::npos);
}

TEST(ConfigFile, PluginPathsThatFailAreReportedWithTheRest) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "sift_config_test.toml";
  std::ofstream(file) << "[plugins]\npaths = [\n  \"no/such.so\",\n]\n[train]\nsed = 1\n";
  PluginHost host;
  std::string text;
  try {
    load_config(file, {}, host);
  } catch (const Error& error) {
    text = error.what();
  }
  std::filesystem::remove(file);
  EXPECT_NE(text.find(file.string() + ":3:3: [plugins] paths: "), std::string::npos) << text;
  EXPECT_NE(text.find(file.string() + ":6:1: [train] unknown key 'sed'; did you mean 'seed'?"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace sift::config_test
