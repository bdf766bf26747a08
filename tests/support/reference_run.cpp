#include "support/reference_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace sift::test {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;
const std::set<std::string> kDataOptions = {"assistant_only_loss", "max_length", "packing",
                                            "packing_strategy", "padding_free"};
constexpr std::size_t kTrainRows = 400;  // the rest of the file is for evaluation

fs::path parity_folder() {
  return fs::path(SIFT_FIXTURES) / "parity";
}

/// A row of the file in the data format that the run was made with.
Json reshaped(const Json& row, const std::string& format) {
  const std::string question = row.at("messages").at(0).at("content").get<std::string>();
  const std::string answer = row.at("messages").at(1).at("content").get<std::string>();
  if (format == "text") return {{"text", question + "\n" + answer}};
  if (format == "prompt-completion") return {{"prompt", question + "\n"}, {"completion", answer}};
  return row;
}

void write_rows(const std::vector<Json>& rows, const fs::path& file) {
  std::ofstream out(file);
  for (const Json& row : rows) out << row.dump() << "\n";
}

std::string toml_value(const Json& value) {
  if (value.is_object()) {
    std::string text;
    for (const auto& [key, member] : value.items())
      text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", key, toml_value(member));
    return "{ " + text + " }";
  }
  if (value.is_null()) return "0";  // Python's None is "no limit"
  return value.is_string() ? fmt::format("\"{}\"", value.get<std::string>()) : value.dump();
}

/// "momentum=0.9,nesterov=True" as a table of TOML.
std::string toml_table(const std::string& optim_args) {
  std::string table;
  std::istringstream in(optim_args);
  for (std::string entry; std::getline(in, entry, ',');) {
    const std::size_t equals = entry.find('=');
    std::string value = entry.substr(equals + 1);
    if (value == "True" || value == "False") value = value == "True" ? "true" : "false";
    table += fmt::format("{}{} = {}", table.empty() ? "" : ", ", entry.substr(0, equals), value);
  }
  return "{ " + table + " }";
}

}  // namespace

ReferenceRun::ReferenceRun(const std::string& name) {
  std::ifstream in(parity_folder() / "runs" / (name + ".json"));
  if (!in) throw std::runtime_error("no reference run " + name);
  json_ = Json::parse(in);
}

fs::path ReferenceRun::model_folder() const {
  return parity_folder() / "models" / json_.at("model").get<std::string>();
}

bool ReferenceRun::has_adapter() const {
  return json_.contains("lora") && !json_.at("lora").is_null();
}

fs::path ReferenceRun::adapter_folder() const {
  return parity_folder() / "adapters" / json_.at("name").get<std::string>() / "adapter";
}

fs::path ReferenceRun::write_config(const fs::path& folder) const {
  std::string format = json_.at("data_format").get<std::string>();
  std::size_t num_rows = kTrainRows;
  if (const auto dash = format.find("messages-"); dash == 0) {
    num_rows = std::stoul(format.substr(9));
    format = "messages";
  }
  std::vector<Json> train, eval;
  std::ifstream docs(parity_folder() / "docs.jsonl");
  std::string line;
  for (std::size_t number = 0; std::getline(docs, line); ++number) {
    if (number < num_rows) train.push_back(reshaped(Json::parse(line), format));
    if (number >= kTrainRows) eval.push_back(reshaped(Json::parse(line), format));
  }
  write_rows(train, folder / "train.jsonl");
  write_rows(eval, folder / "eval.jsonl");

  std::string train_options;
  std::string data_options;
  std::string loss = "nll";
  // where documents run into each other, TRL lets them
  if (json_.at("settings").value("packing_strategy", "") == "wrapped")
    data_options = "cross_documents = true\n";
  for (const auto& [key, value] : json_.at("settings").items()) {
    if (key == "gradient_checkpointing") continue;
    if (key == "loss_type") {
      loss = value.get<std::string>();
    } else if (key == "optim_args") {
      train_options += fmt::format("optim_args = {}\n", toml_table(value.get<std::string>()));
    } else if (kDataOptions.count(key) > 0) {
      data_options += fmt::format("{} = {}\n", key, toml_value(value));
    } else {
      train_options += fmt::format("{} = {}\n", key, toml_value(value));
    }
  }
  std::string lora;
  if (has_adapter()) lora = fmt::format("[lora]\nadapter_path = \"{}\"\n", adapter_folder().string());
  std::string model_options;
  if (json_.contains("quantization") && !json_.at("quantization").is_null()) {
    const Json& quantization = json_.at("quantization");
    model_options = fmt::format("load_in_4bit = true\nbnb_4bit_quant_type = {}\nuse_bnb_nested_quant = {}\n",
                                toml_value(quantization.at("bnb_4bit_quant_type")),
                                toml_value(quantization.at("bnb_4bit_use_double_quant")));
  }
  fs::path file = folder / "run.toml";
  std::ofstream(file) << fmt::format(
      "[model]\npath = \"{}\"\n{}{}[data]\ntrain = \"{}\"\neval = \"{}\"\n{}[train]\noutput_dir = \"{}\"\ndevice "
      "= "
      "\"cpu\"\n{}[parallel]\neven_batches = true\n[loss]\nplugin = \"{}\"\n",
      model_folder().string(), model_options, lora, (folder / "train.jsonl").string(),
      (folder / "eval.jsonl").string(), data_options, (folder / "out").string(), train_options, loss);
  return file;
}

std::int64_t ReferenceRun::num_processes() const {
  return json_.value("world_size", 1);
}

std::vector<std::string> reference_run_names(bool of_several_processes) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(parity_folder() / "runs")) {
    const std::string name = entry.path().stem();
    if ((ReferenceRun(name).num_processes() > 1) == of_several_processes) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> names_of_runs_with_rows() {
  std::vector<std::string> names = reference_run_names();
  std::erase_if(names,
                [](const std::string& name) { return !ReferenceRun(name).json().contains("first_rows"); });
  return names;
}

}  // namespace sift::test
