// quantize_tensors IN OUT KIND [nested]: quantises every tensor of the model folder IN as KIND, "nf4" or
// "fp4", and writes OUT/model.safetensors in bitsandbytes' format, with the dequantised numbers as
// "<name>.float32" and
// "<name>.bfloat16" beside. A tensor that is quantised already is read and written again.

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include "model/weights/quantized_tensors.h"

namespace {

bool is_part(const std::string& name) {
  const auto at = name.rfind(".weight.");
  return at != std::string::npos;
}

int quantize(const std::filesystem::path& in, const std::filesystem::path& out, const std::string& kind,
             bool nested) {
  using namespace sift;
  const ModelTensors tensors(in);
  std::vector<NamedTensor> results;
  for (const std::string& name : tensors.names()) {
    if (is_part(name)) continue;
    const at::Tensor tensor = tensors.tensor(name);
    const bool done = is_quantized(tensors, name);
    const std::vector<std::int64_t> shape =
        done ? tensors.shape(name.substr(0, name.size() - 7) + ".shape") : tensors.shape(name);
    if (name.ends_with(".shape")) continue;
    const QuantizedWeight weight =
        done ? read_quantized(tensors, name, shape, in.string())
             : quantize_4bit(
                   tensor, kind == "nf4" ? QuantizedWeight::Kind::kNf4 : QuantizedWeight::Kind::kFp4, nested);
    for (NamedTensor& part : quantized_tensors(name, weight)) results.push_back(std::move(part));
    results.push_back({name + ".float32", dequantize(weight, at::kFloat)});
    results.push_back({name + ".bfloat16", dequantize(weight, at::kBFloat16)});
  }
  write_safetensors(out / "model.safetensors", results, {{"format", "pt"}});
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc > 3 ? argv[3] : "";
  if (argc < 4 || argc > 5 || (kind != "nf4" && kind != "fp4")) {
    fmt::print(stderr, "usage: quantize_tensors IN OUT nf4|fp4 [nested]\n");
    return 2;
  }
  try {
    return quantize(argv[1], argv[2], kind, argc == 5);
  } catch (const std::exception& error) {
    fmt::print(stderr, "quantize_tensors: {}\n", error.what());
    return 1;
  }
}
