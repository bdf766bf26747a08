#include "support/run_folder.h"

#include "support/temp_folder.h"

namespace sift::test {

nlohmann::json read_json(const std::filesystem::path& file) {
  return nlohmann::json::parse(read_file(file));
}

nlohmann::json log_of(const std::filesystem::path& folder) {
  nlohmann::json log = read_json(folder / "trainer_state.json").at("log_history");
  for (nlohmann::json& entry : log) {
    for (const char* key : {"runtime", "samples_per_second", "steps_per_second"}) {
      entry.erase(std::string("train_") + key);
      entry.erase(std::string("eval_") + key);
    }
  }
  return log;
}

std::string weights_of(const std::filesystem::path& folder) {
  return read_file(folder / "model.safetensors");
}

std::vector<std::string> with_settings(std::vector<std::string> arguments,
                                       const std::vector<std::string>& settings) {
  for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
  return arguments;
}

}  // namespace sift::test
