// make_quantized_folder CONFIG OUT TOKENIZER [SEED]: a model folder of the shape of the config.json CONFIG
// with random weights, the linear layers in bitsandbytes' 4 bits (nf4, double quantisation), everything else
// in bfloat16, and the tokenizer of the folder TOKENIZER. Weights are made, quantised and written layer by
// layer, so that a folder may be larger than the memory.

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/durable.h"
#include "formats/json_text.h"
#include "formats/model_files.h"
#include "model/model_config.h"
#include "model/weights/linear_layers.h"
#include "model/weights/quantized_tensors.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using Shard = std::vector<ParameterSpec>;

/// The part of the model that a weight belongs to: a layer, or what is before or after them.
std::string part_of(const std::string& name) {
  constexpr std::string_view kLayers = "model.layers.";
  if (!name.starts_with(kLayers)) return name;
  return name.substr(0, name.find('.', kLayers.size()));
}

std::vector<Shard> shards_of(const ModelConfig& config) {
  std::vector<Shard> shards;
  for (const ParameterSpec& spec : parameter_specs(config)) {
    if (shards.empty() || part_of(shards.back().back().name) != part_of(spec.name)) shards.emplace_back();
    shards.back().push_back(spec);
  }
  return shards;
}

class FolderWriter {
 public:
  FolderWriter(ModelConfig config, fs::path out, std::uint64_t seed)
      : config_(std::move(config)), out_(std::move(out)), generator_(at::detail::createCPUGenerator(seed)) {}

  void write() {
    fs::create_directories(out_);
    const std::vector<Shard> shards = shards_of(config_);
    for (std::size_t i = 0; i < shards.size(); ++i) {
      write_shard(shards[i], shard_name(i, shards.size()));
      fmt::print("{} of {} shards, {:.2f} GB\n", i + 1, shards.size(), static_cast<double>(bytes_) / 1e9);
      std::fflush(stdout);
    }
    nlohmann::ordered_json index;
    index["metadata"]["total_size"] = bytes_;
    index["weight_map"] = shard_of_;
    write_durably(out_ / kWeightsIndexFile, index.dump(2) + "\n");
    nlohmann::ordered_json json = config_.raw;
    json.erase("torch_dtype");
    json["dtype"] = "bfloat16";
    write_durably(out_ / kModelConfigFile, json.dump(2) + "\n");
  }

 private:
  at::Tensor numbers(const ParameterSpec& spec, const std::vector<std::int64_t>& shape) {
    const auto options = at::TensorOptions().dtype(at::kBFloat16);
    if (spec.init == ParameterSpec::Init::kOne) return at::ones(shape, options);
    if (spec.init == ParameterSpec::Init::kZero) return at::zeros(shape, options);
    return at::empty(shape).normal_(0.0, config_.initializer_range, generator_).to(at::kBFloat16);
  }

  void write_shard(const Shard& specs, const std::string& file) {
    std::vector<NamedTensor> tensors;
    for (const ParameterSpec& spec : specs) {
      if (is_linear_layer(spec)) {
        const QuantizedWeight weight = quantize_4bit(numbers(spec, spec.shape), config_.quantization->kind,
                                                     config_.quantization->nested);
        for (NamedTensor& part : quantized_tensors(spec.name, weight)) tensors.push_back(std::move(part));
        continue;
      }
      for (const FileTensor& part : spec.file_tensors())
        tensors.push_back({part.name, numbers(spec, part.shape)});
    }
    write_safetensors(out_ / file, tensors, {{"format", "pt"}});
    for (const auto& [name, tensor] : tensors) {
      shard_of_[name] = file;
      bytes_ += tensor.nbytes();
    }
  }

  ModelConfig config_;
  fs::path out_;
  at::Generator generator_;
  std::map<std::string, std::string> shard_of_;
  std::size_t bytes_ = 0;
};

void make_folder(const fs::path& config_file, const fs::path& out, const fs::path& tokenizer,
                 std::uint64_t seed) {
  auto config =
      ModelConfig::from_json(read_json_file<nlohmann::ordered_json>(config_file), config_file.string());
  config.set_quantization(Quantization{QuantizedWeight::Kind::kNf4, true, at::kBFloat16});
  FolderWriter(config, out, seed).write();
  for (const char* name : kTokenizerFiles) {
    if (fs::exists(tokenizer / name))
      fs::copy_file(tokenizer / name, out / name, fs::copy_options::overwrite_existing);
  }
}

}  // namespace
}  // namespace sift

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5) {
    fmt::print(stderr, "usage: make_quantized_folder CONFIG OUT TOKENIZER [SEED]\n");
    return 2;
  }
  try {
    sift::make_folder(argv[1], argv[2], argv[3], argc == 5 ? std::stoull(argv[4]) : 1);
  } catch (const std::exception& error) {
    fmt::print(stderr, "make_quantized_folder: {}\n", error.what());
    return 1;
  }
  return 0;
}
