#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "support/program.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::SmallRun;
using testing::HasSubstr;

/// Everything below a folder with its bytes, to show that a failure changed nothing.
std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    // the lock of a folder names the last process that had it
    const bool is_lock = entry.path().filename() == ".sift-lock";
    if (entry.is_regular_file() && !is_lock) files[entry.path().string()] = test::read_file(entry.path());
  }
  return files;
}

/// Trains with `config` and expects one line on stderr that has all of `parts`, the given status, and no file
/// lost.
void expect_error(const SmallRun& run, const std::vector<std::string>& arguments, int status,
                  const std::vector<std::string>& parts) {
  const auto before = contents(run.folder().path());
  const auto result = test::sift(arguments);
  EXPECT_EQ(result.status, status) << result.err;
  const auto last_line = result.err.rfind("sift: ");
  ASSERT_NE(last_line, std::string::npos) << result.err;
  const std::string message = result.err.substr(last_line);
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 1) << message;
  for (const std::string& part : parts) EXPECT_THAT(message, HasSubstr(part));
  const auto after = contents(run.folder().path());
  for (const auto& [file, bytes] : before) {
    const auto entry = after.find(file);
    ASSERT_TRUE(entry != after.end()) << file << " is gone";
    EXPECT_TRUE(entry->second == bytes) << file << " was changed";
  }
}

fs::path copy_of_model(const SmallRun& run) {
  const fs::path copy = run.folder() / "model";
  fs::copy(SmallRun::model_folder(), copy, fs::copy_options::recursive);
  return copy;
}

std::vector<std::string> train(const std::string& config, const std::vector<std::string>& settings) {
  return test::with_settings({"train", config}, settings);
}

TEST(BadInput, Usage) {
  const SmallRun run;
  const std::string config = run.write_config();
  expect_error(run, {"fly"}, 2, {"unknown command 'fly'", "sift --help"});
  expect_error(run, {"train"}, 2, {"--file", "sift --help"});
  expect_error(run, {"train", config, "--fast"}, 2, {"--fast", "sift --help"});
  expect_error(run, {"train", config, "--resume", "--overwrite"}, 2,
               {"--resume and --overwrite exclude each other"});
  expect_error(run, {"describe", "nlll"}, 2, {"no component is called 'nlll'", "nll"});
  EXPECT_EQ(test::sift({}).status, 2);
  EXPECT_EQ(test::sift({"--help"}).status, 0);
}

TEST(BadInput, Configuration) {
  const SmallRun run;
  const std::string config = run.write_config();
  expect_error(run, {"train", "nowhere.toml"}, 1, {"nowhere.toml"});
  expect_error(run, train(config, {"train.max_stepz=3"}), 1, {"max_stepz", "did you mean 'max_steps'"});
  expect_error(run, train(config, {"train.learning_rate=-1e-4"}), 1, {"learning_rate", "-0.0001"});
  expect_error(run, train(config, {"train.per_device_train_batch_size=-8"}), 1,
               {"per_device_train_batch_size", "-8"});
  expect_error(run, train(config, {"train.device=cuda:x"}), 1, {"device"});
}

TEST(BadInput, ExpertsThatAreNotThere) {
  const SmallRun run;
  const std::string config =
      run.write_config("[[metrics]]\nplugin = \"accuracy\"\n[[metrics]]\nplugin = \"aux\"\n");
  expect_error(run, {"train", config}, 1, {"the metric aux", "LlamaForCausalLM", "has none"});
  const std::string plain = run.write_config();
  expect_error(run, train(plain, {"model.router_aux_loss_coef=0.01"}), 1,
               {"router_aux_loss_coef", "has none"});
  const auto dumped = test::sift({"train", plain, "--dump-config"});
  EXPECT_THAT(dumped.out, HasSubstr("plugin = \"aux\"\nenabled = false\n"))
      << "the defaults of a dense model";
}

TEST(BadInput, Data) {
  const SmallRun run;
  const std::string config = run.write_config();
  const auto data = [&](const std::string& name, const std::string& text) {
    return train(config, {"data.train=" + run.folder().write(name, text).string()});
  };
  expect_error(run, data("empty.jsonl", "\n  \n"), 1, {"empty.jsonl: the file holds no rows"});
  expect_error(run, data("broken.jsonl", "{\"text\": \"a\"}\n{\"text\": \n"), 1,
               {"broken.jsonl:2: not valid JSON"});
  expect_error(run, data("python.jsonl", "{\"input_ids\": [1, NaN], \"score\": NaN}\n"), 1,
               {"python.jsonl:1: 'input_ids[1]' is NaN"});
  expect_error(run, data("pointer.jsonl", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n"), 1,
               {"pointer.jsonl: the file is a Git LFS pointer", "git lfs pull"});
  expect_error(run, data("utf8.jsonl", "{\"text\": \"a\xff\"}\n"), 1, {"utf8.jsonl:1: "});
  expect_error(run, data("keys.jsonl", "{\"body\": \"a\"}\n"), 1,
               {"keys.jsonl:1: no 'messages'", "found: body"});
  expect_error(run, data("ids.jsonl", "{\"input_ids\": [1, 99999]}\n"), 1,
               {"ids.jsonl:1: token id 99999 is outside"});
  expect_error(run, data("role.jsonl", "{\"messages\": [{\"content\": \"a\"}]}\n"), 1,
               {"role.jsonl:1: ", "role"});
  expect_error(run, data("masked.jsonl", "{\"input_ids\": [1, 2], \"labels\": [-100, -100]}\n"), 1,
               {"masked.jsonl: nothing to train on", "1 dropped"});
  expect_error(run, train(config, {"data.train=nowhere.jsonl"}), 1,
               {"nowhere.jsonl: cannot open the data file"});
  expect_error(run, train(config, {"data.train=none-*.jsonl"}), 1,
               {"none-*.jsonl: no file matches this pattern", "[data]"});
}

TEST(BadInput, ACurrentFolderThatWasRemoved) {
  const SmallRun run;
  const std::string folder = (run.folder() / "removed").string();
  const std::string command = "mkdir '" + folder + "' && cd '" + folder + "' && rmdir '" + folder +
                              "' && exec '" + SIFT_PROGRAM + "' train run.toml";
  const auto result = test::run_program("/bin/sh", {"-c", command});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(
      result.err,
      "sift: the current folder was removed: change to a folder that exists with cd, and start again\n");
}

TEST(BadInput, MaskedData) {
  const SmallRun run;
  const std::string config = run.write_config();
  // prompts so long that nothing of the completions is left
  std::string rows;
  for (int i = 0; i < 3; ++i)
    rows += "{\"prompt\": \"a long question about a thing\", \"completion\": \"yes\"}\n";
  const std::string data = "data.train=" + run.folder().write("cut.jsonl", rows).string();
  expect_error(run, train(config, {data, "data.max_length=4"}), 1,
               {"cut.jsonl: nothing to train on or evaluate: 3 rows read, 0 kept",
                "3 dropped: no scored token within max_length", "check max_length and the loss masks"});
  expect_error(run, train(config, {data, "data.max_length=4", "data.packing=true"}), 1,
               {"cut.jsonl: nothing to train on or evaluate: 3 rows read", "3 kept without a scored token"});
  expect_error(run, train(config, {data, "data.assistant_only_loss=true"}), 1,
               {"cut.jsonl:1: assistant_only_loss = true needs messages, found strings"});
}

TEST(BadInput, EvaluationAndPacking) {
  const SmallRun run;
  const std::string config = run.write_config();
  expect_error(run, train(config, {"train.eval_strategy=steps", "data.eval=[]"}), 1,
               {"eval_strategy: \"steps\" needs evaluation data; set eval in [data]"});
  expect_error(run, train(config, {"train.eval_strategy=epoch", "data.eval=nowhere.jsonl"}), 1,
               {"nowhere.jsonl: cannot open the data file"});
  expect_error(run, train(config, {"train.eval_strategy=epoch", "data.eval=none-*.jsonl"}), 1,
               {"none-*.jsonl: no file matches this pattern"});
  const std::string masked =
      run.folder().write("masked.jsonl", "{\"input_ids\": [1, 2], \"labels\": [-100, -100]}\n").string();
  expect_error(run, train(config, {"train.eval_on_start=true", "data.eval=" + masked}), 1,
               {"masked.jsonl: nothing to train on or evaluate", "1 dropped"});
  expect_error(run, train(config, {"data.packing=true", "data.max_length=0"}), 1,
               {"max_length: 0 means no limit, but packing = true packs rows up to this length"});
  expect_error(run, train(config, {"data.eval_packing=true", "data.max_length=0"}), 1,
               {"max_length: 0 means no limit, but eval_packing = true"});
}

TEST(BadInput, Model) {
  const SmallRun run;
  const std::string config = run.write_config();
  const fs::path model = copy_of_model(run);
  const auto train_it = train(config, {"model.path=" + model.string()});
  const std::string weights = test::weights_of(model);

  run.folder().write("model/model.safetensors", weights.substr(0, weights.size() / 2));
  expect_error(run, train_it, 1, {"model.safetensors"});
  fs::remove(model / "model.safetensors");
  expect_error(run, train_it, 1, {"model.safetensors"});
  run.folder().write("model/model.safetensors", weights);

  const std::string model_config = test::read_file(model / "config.json");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = model_config;
    changed.replace(changed.find(from), from.size(), to);
    run.folder().write("model/config.json", changed);
  };
  with("LlamaForCausalLM", "FalconForCausalLM");
  expect_error(run, train_it, 1, {"config.json", "FalconForCausalLM", "LlamaForCausalLM"});
  with("\"intermediate_size\": 128", "\"intermediate_size\": 96");
  expect_error(run, train_it, 1, {"model.layers.0.mlp", "128", "96"});
  with("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
  expect_error(run, train_it, 1, {"model.layers.2"});
  with("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1");
  expect_error(run, train_it, 1, {"model.layers.1"});
}

TEST(BadInput, OutputFolder) {
  const SmallRun run;
  const std::string config = run.write_config();
  run.folder().write("file", "x");
  const std::string below_a_file = (run.folder() / "file/out").string();
  expect_error(run, train(config, {"train.output_dir=" + below_a_file}), 1, {"output_dir " + below_a_file});
  const fs::path model = copy_of_model(run);
  expect_error(run, train(config, {"train.output_dir=" + model.string(), "model.path=" + model.string()}), 1,
               {"is the folder of the model"});
  expect_error(run, {"train", config, "--resume"}, 1, {"holds no checkpoint"});
  expect_error(run, {"train", config, "--resume", "nowhere"}, 1,
               {"--resume nowhere: no such checkpoint folder"});
}

}  // namespace
}  // namespace sift
