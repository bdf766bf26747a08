#include "model/weights/quantized_tensors.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include <sift/error.h>
#include "support/temp_folder.h"

namespace sift {
namespace {

using Kind = QuantizedWeight::Kind;
using Tensors = std::map<std::string, at::Tensor>;
using testing::HasSubstr;

constexpr const char* kName = "layer.weight";
constexpr const char* kState = "layer.weight.quant_state.bitsandbytes__nf4";

at::Tensor bytes(const std::string& text) {
  return at::tensor(std::vector<std::uint8_t>(text.begin(), text.end()), at::kByte);
}

/// Writes the tensors and reads the weight back; the message if that fails.
std::string fault_of(const Tensors& tensors, const std::vector<std::int64_t>& shape = {6, 64}) {
  const test::TempFolder folder;
  std::vector<NamedTensor> list;
  for (const auto& [name, tensor] : tensors) list.push_back({name, tensor});
  write_safetensors(folder / "model.safetensors", list, {});
  try {
    read_quantized(ModelTensors(folder.path()), kName, shape, "FOLDER");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

Tensors stored(bool nested) {
  at::manual_seed(2);
  Tensors tensors;
  for (const auto& [name, tensor] :
       quantized_tensors(kName, quantize_4bit(at::randn({6, 64}), Kind::kNf4, nested)))
    tensors[name] = tensor;
  return tensors;
}

Tensors with(bool nested, const std::string& name, const at::Tensor& tensor) {
  Tensors tensors = stored(nested);
  tensors[name] = tensor;
  return tensors;
}
Tensors without(bool nested, const std::string& name) {
  Tensors tensors = stored(nested);
  EXPECT_EQ(tensors.erase(name), 1) << name;
  return tensors;
}
/// With `from` in the JSON replaced.
Tensors with_state(const std::string& from, const std::string& to) {
  const at::Tensor state = stored(true)[kState];
  std::string text(static_cast<const char*>(state.const_data_ptr()), state.nbytes());
  EXPECT_NE(text.find(from), std::string::npos) << text;
  text.replace(text.find(from), from.size(), to);
  return with(true, kState, bytes(text));
}

TEST(QuantizedTensors, ReadsAndWritesWhatBitsandbytesSaved) {
  const ModelTensors tensors(std::string(SIFT_FIXTURES) + "/quantized");
  int count = 0;
  for (const std::string& name : tensors.names()) {
    if (!name.ends_with(".input")) continue;
    const std::string weight = name.substr(0, name.size() - 6) + ".weight";
    EXPECT_TRUE(is_quantized(tensors, weight));
    const QuantizedWeight read = read_quantized(tensors, weight, tensors.shape(name), "FOLDER");
    const std::vector<NamedTensor> parts = quantized_tensors(weight, read);
    std::vector<std::string> names;
    for (const auto& [part, tensor] : parts) {
      EXPECT_TRUE(at::equal(tensor, tensors.tensor(part))) << part;
      names.push_back(part);
    }
    EXPECT_THAT(stored_names(tensors, weight), testing::UnorderedElementsAreArray(names));
    ++count;
  }
  EXPECT_EQ(count, 22);
  EXPECT_FALSE(is_quantized(tensors, "nf4.odd.input"));
}

TEST(QuantizedTensors, WritesItsJsonAsPythonDoes) {
  const at::Tensor state = stored(true)[kState];
  EXPECT_THAT(std::string(static_cast<const char*>(state.const_data_ptr()), state.nbytes()),
              testing::MatchesRegex(
                  "\\{\"quant_type\": \"nf4\", \"blocksize\": 64, \"dtype\": \"float32\", \"shape\": "
                  "\\[6, 64\\], \"nested_blocksize\": 256, \"nested_dtype\": \"float32\", "
                  "\"nested_offset\": [0-9.]+\\}"));
}

TEST(QuantizedTensors, TakesCodesThatAreStoredAsAnotherType) {
  const Tensors tensors = with(true, kName, stored(true)[kName].view(-1).view(at::kBFloat16));
  EXPECT_EQ(fault_of(tensors), "");
}

TEST(QuantizedTensors, SaysWhichPieceIsMissing) {
  EXPECT_EQ(fault_of(stored(true)), "");
  for (const bool nested : {false, true}) {
    for (const auto& [name, tensor] : stored(nested)) {
      EXPECT_EQ(fault_of(without(nested, name)),
                "FOLDER: '" + name +
                    "' is missing, though the weight is in bitsandbytes' 4 bits; save the model again with "
                    "bitsandbytes, or load the model that it was made from with load_in_4bit = true")
          << nested;
    }
  }
}

TEST(QuantizedTensors, SaysWhichPieceHasAnotherSizeOrType) {
  EXPECT_THAT(
      fault_of(with(false, kName, at::zeros({191, 1}, at::kByte))),
      HasSubstr("'layer.weight' has 191 bytes, expected 192 for 384 numbers of 4 bits; save the model"));
  EXPECT_THAT(fault_of(with(false, "layer.weight.absmax", at::zeros({5}))),
              HasSubstr("'layer.weight.absmax' has 5 numbers of type Float, expected 6 of type Float"));
  EXPECT_THAT(fault_of(with(true, "layer.weight.absmax", at::zeros({6}))),
              HasSubstr("'layer.weight.absmax' has 6 numbers of type Float, expected 6 of type Byte"));
  EXPECT_THAT(
      fault_of(with(true, "layer.weight.nested_absmax", at::zeros({2}))),
      HasSubstr("'layer.weight.nested_absmax' has 2 numbers of type Float, expected 1 of type Float"));
  EXPECT_THAT(fault_of(with(true, "layer.weight.nested_quant_map", at::zeros({255}))),
              HasSubstr("has 255 numbers of type Float, expected 256 of type Float"));
  EXPECT_THAT(fault_of(with(false, "layer.weight.quant_map", at::zeros({16}))),
              HasSubstr("'layer.weight.quant_map' gives code 0 the value 0, expected -1"));
}

TEST(QuantizedTensors, SaysWhatTheStateMayNotSay) {
  const std::string where = std::string("FOLDER: '") + kState + "': ";
  EXPECT_EQ(fault_of(with(true, kState, bytes("{"))).substr(0, where.size() + 14), where + "not valid JSON");
  EXPECT_EQ(fault_of(with_state("nf4", "fp4")), where + "'quant_type' is \"fp4\"; expected \"nf4\"");
  EXPECT_EQ(fault_of(with_state("64,", "48,")),
            where + "'blocksize' is 48; expected a power of 2 from 32 to 4096");
  EXPECT_EQ(fault_of(with_state("64,", "8192,")),
            where + "'blocksize' is 8192; expected a power of 2 from 32 to 4096");
  EXPECT_EQ(fault_of(with_state("\"dtype\": \"float32", "\"dtype\": \"float64")),
            where + "'dtype' is \"float64\"; expected \"float32\", \"bfloat16\" or \"float16\"");
  EXPECT_EQ(fault_of(with_state("[6, 64]", "[64, 6]")),
            where + "'shape' is [64,6]; expected [6, 64] by config.json");
  EXPECT_EQ(
      fault_of(with_state("256", "128")),
      where + "'nested_blocksize' is 128; expected 256, the only size that bitsandbytes can compute with");
  EXPECT_EQ(fault_of(with_state("\"nested_dtype\": \"float32", "\"nested_dtype\": \"float16")),
            where + "'nested_dtype' is \"float16\"; expected \"float32\"");
}

}  // namespace
}  // namespace sift
