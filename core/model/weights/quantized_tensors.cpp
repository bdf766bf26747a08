#include "model/weights/quantized_tensors.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <cstring>
#include <string_view>

#include <sift/error.h>
#include "formats/json_fields.h"
#include "formats/json_text.h"
#include "ops/four_bit_codes.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
using Kind = QuantizedWeight::Kind;

constexpr const char* kNf4State = ".quant_state.bitsandbytes__nf4";
constexpr const char* kFp4State = ".quant_state.bitsandbytes__fp4";
constexpr std::array<const char*, 6> kSuffixes = {".absmax",           ".quant_map", ".nested_absmax",
                                                  ".nested_quant_map", kNf4State,    kFp4State};
constexpr std::int64_t kNestedBlockSize = QuantizedWeight::Nested::kBlockSize;

std::int64_t divided_up(std::int64_t count, std::int64_t size) {
  return (count + size - 1) / size;
}

/// Reads the tensors of one weight.
class Reader {
 public:
  Reader(const ModelTensors& tensors, std::string name, std::string where)
      : tensors_(tensors), name_(std::move(name)), where_(std::move(where)) {}

  bool has(const char* suffix) const { return tensors_.contains(name_ + suffix); }

  /// A copy of a tensor of `count` numbers of this type, flat.
  at::Tensor numbers(const char* suffix, at::ScalarType dtype, std::int64_t count) const {
    const at::Tensor found = tensor(suffix);
    if (found.scalar_type() != dtype || found.numel() != count) {
      fail(suffix, fmt::format("has {} numbers of type {}, expected {} of type {}", found.numel(),
                               c10::toString(found.scalar_type()), count, c10::toString(dtype)));
    }
    return found.reshape(-1).clone();
  }

  /// The codes, which bitsandbytes stores as bytes or as numbers of another type of the same total size.
  at::Tensor codes(std::int64_t count) const {
    const at::Tensor found = tensor("").contiguous();
    if (static_cast<std::int64_t>(found.nbytes()) != divided_up(count, 2)) {
      fail("", fmt::format("has {} bytes, expected {} for {} numbers of 4 bits", found.nbytes(),
                           divided_up(count, 2), count));
    }
    at::Tensor bytes = at::empty({divided_up(count, 2)}, at::kByte);
    std::memcpy(bytes.data_ptr(), found.const_data_ptr(), found.nbytes());
    return bytes;
  }

  Json state(const char* suffix) const {
    const at::Tensor found = tensor(suffix).contiguous();
    const std::string_view text(static_cast<const char*>(found.const_data_ptr()), found.nbytes());
    return parse_json<Json>(text, place(suffix));
  }

  std::string place(const char* suffix) const { return fmt::format("{}: '{}{}'", where_, name_, suffix); }

  [[noreturn]] void fail(const char* suffix, const std::string& fault) const {
    throw Error(
        fmt::format("{} {}; save the model again with bitsandbytes, or load the model that it was "
                    "made from with load_in_4bit = true",
                    place(suffix), fault));
  }

 private:
  at::Tensor tensor(const char* suffix) const {
    if (!has(suffix)) fail(suffix, "is missing, though the weight is in bitsandbytes' 4 bits");
    return tensors_.tensor(name_ + suffix);
  }

  const ModelTensors& tensors_;
  std::string name_, where_;
};

at::ScalarType dtype_of(const JsonFields& state) {
  const std::string name = state.text("dtype");
  if (name == "float32") return at::kFloat;
  if (name == "bfloat16") return at::kBFloat16;
  if (name == "float16") return at::kHalf;
  state.fail("dtype", "expected \"float32\", \"bfloat16\" or \"float16\"");
}

const char* text_of(at::ScalarType dtype) {
  return dtype == at::kBFloat16 ? "bfloat16" : dtype == at::kHalf ? "float16" : "float32";
}

void check_map(const Reader& reader, Kind kind) {
  const at::Tensor map = reader.numbers(".quant_map", at::kFloat, 16);
  const FourBitCodes& type = four_bit_codes(kind == Kind::kNf4);
  for (std::size_t i = 0; i < type.values.size(); ++i) {
    const float found = map.const_data_ptr<float>()[i];
    if (std::abs(found - type.values[i]) <= 1e-6f) continue;
    reader.fail(".quant_map",
                fmt::format("gives code {} the value {}, expected {}", i, found, type.values[i]));
  }
}

QuantizedWeight::Nested read_nested(const Reader& reader, const JsonFields& state, std::int64_t blocks) {
  if (const std::int64_t size = state.positive("nested_blocksize"); size != kNestedBlockSize)
    state.fail("nested_blocksize", "expected 256, the only size that bitsandbytes can compute with");
  if (state.text("nested_dtype") != "float32") state.fail("nested_dtype", "expected \"float32\"");
  return {reader.numbers(".nested_absmax", at::kFloat, divided_up(blocks, kNestedBlockSize)),
          reader.numbers(".nested_quant_map", at::kFloat, 256),
          static_cast<float>(state.number("nested_offset"))};
}

/// As Python's json.dumps writes it.
std::string state_text(const QuantizedWeight& weight) {
  std::string text = fmt::format(R"({{"quant_type": "{}", "blocksize": {}, "dtype": "{}", "shape": [{}])",
                                 weight.kind == Kind::kNf4 ? "nf4" : "fp4", weight.block_size,
                                 text_of(weight.dtype), fmt::join(weight.shape, ", "));
  if (weight.nested) {
    text += fmt::format(R"(, "nested_blocksize": {}, "nested_dtype": "float32", "nested_offset": {})",
                        kNestedBlockSize, Json(static_cast<double>(weight.nested->offset)).dump());
  }
  return text + "}";
}

at::Tensor bytes_of(const std::string& text) {
  at::Tensor bytes = at::empty({std::ssize(text)}, at::kByte);
  std::memcpy(bytes.data_ptr(), text.data(), text.size());
  return bytes;
}

}  // namespace

bool is_quantized(const ModelTensors& tensors, const std::string& name) {
  return stored_names(tensors, name).size() > 1;
}

std::vector<std::string> stored_names(const ModelTensors& tensors, const std::string& name) {
  std::vector<std::string> names = {name};
  for (const char* suffix : kSuffixes) {
    if (tensors.contains(name + suffix)) names.push_back(name + suffix);
  }
  return names;
}

QuantizedWeight read_quantized(const ModelTensors& tensors, const std::string& name,
                               const std::vector<std::int64_t>& shape, const std::string& where) {
  const Reader reader(tensors, name, where);
  QuantizedWeight weight;
  weight.kind = reader.has(kFp4State) ? Kind::kFp4 : Kind::kNf4;
  const char* const suffix = weight.kind == Kind::kFp4 ? kFp4State : kNf4State;
  const Json json = reader.state(suffix);
  const JsonFields state(json, reader.place(suffix));
  const std::string kind = weight.kind == Kind::kFp4 ? "fp4" : "nf4";
  if (state.text("quant_type") != kind) state.fail("quant_type", fmt::format("expected \"{}\"", kind));
  weight.block_size = state.positive("blocksize");
  if (weight.block_size < 32 || weight.block_size > 4096 ||
      (weight.block_size & (weight.block_size - 1)) != 0)
    state.fail("blocksize", "expected a power of 2 from 32 to 4096");
  weight.dtype = dtype_of(state);
  for (const JsonFields& size : state.elements("shape")) weight.shape.push_back(size.positive());
  if (weight.shape != shape)
    state.fail("shape", fmt::format("expected [{}] by config.json", fmt::join(shape, ", ")));

  const std::int64_t count = shape[0] * shape[1], blocks = divided_up(count, weight.block_size);
  check_map(reader, weight.kind);
  weight.codes = reader.codes(count);
  const bool nested = state.has("nested_offset") || reader.has(".nested_absmax");
  weight.absmax = reader.numbers(".absmax", nested ? at::kByte : at::kFloat, blocks);
  if (nested) weight.nested = read_nested(reader, state, blocks);
  return weight;
}

std::vector<NamedTensor> quantized_tensors(const std::string& name, const QuantizedWeight& weight) {
  const FourBitCodes& type = four_bit_codes(weight.kind == Kind::kNf4);
  // bitsandbytes' map has no -0
  const at::Tensor map = at::tensor(at::ArrayRef<float>(type.values), at::kFloat) + 0.0;
  std::vector<NamedTensor> tensors = {
      {name, weight.codes.unsqueeze(1)}, {name + ".absmax", weight.absmax}, {name + ".quant_map", map}};
  if (weight.nested) {
    tensors.push_back({name + ".nested_absmax", weight.nested->absmax});
    tensors.push_back({name + ".nested_quant_map", weight.nested->map});
  }
  const char* const suffix = weight.kind == Kind::kNf4 ? kNf4State : kFp4State;
  tensors.push_back({name + suffix, bytes_of(state_text(weight))});
  return tensors;
}

}  // namespace sift
