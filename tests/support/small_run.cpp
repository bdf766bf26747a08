#include "support/small_run.h"

#include <fmt/format.h>

namespace sift::test {
namespace fs = std::filesystem;

SmallRun::SmallRun() {
  std::ifstream docs(fs::path(SIFT_FIXTURES) / "parity" / "docs.jsonl");
  std::string line;
  std::string train, eval;
  for (int number = 0; number < 24 && std::getline(docs, line); ++number)
    (number < 20 ? train : eval) += line + "\n";
  folder_.write("train.jsonl", train);
  folder_.write("eval.jsonl", eval);
}

fs::path SmallRun::model_folder() {
  return fs::path(SIFT_FIXTURES) / "parity" / "models" / "llama";
}

std::string SmallRun::write_config(const std::string& extra) const {
  const std::string toml = fmt::format(
      R"([model]
path = "{}"
[data]
train = "{}"
eval = "{}"
max_length = 128
[train]
output_dir = "{}"
max_steps = 6
per_device_train_batch_size = 2
learning_rate = 1e-3
logging_steps = 2
save_steps = 3
device = "cpu"
[[callbacks]]
plugin = "logging"
{})",
      model_folder().string(), (folder_ / "train.jsonl").string(), (folder_ / "eval.jsonl").string(),
      output_dir().string(), extra);
  return folder_.write("run.toml", toml).string();
}

std::string fixture_loss(const std::string& name, const std::string& options) {
  return fmt::format("[loss]\nplugin = \"{0}\"\n{1}[plugins]\npaths = [\"{2}/{0}.so\"]\n", name, options,
                     SIFT_TEST_PLUGINS);
}

}  // namespace sift::test
