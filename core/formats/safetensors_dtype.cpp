#include "formats/safetensors_dtype.h"

#include <fmt/format.h>

#include <array>

#include <sift/error.h>

namespace sift {
namespace {

struct DtypeName {
  at::ScalarType dtype;
  const char* name;
};

// In the order of the enum `Dtype` of the reference implementation, by which files are sorted.
constexpr std::array<DtypeName, 14> kNames = {{{at::kBool, "BOOL"},
                                               {at::kByte, "U8"},
                                               {at::kChar, "I8"},
                                               {at::kFloat8_e5m2, "F8_E5M2"},
                                               {at::kFloat8_e4m3fn, "F8_E4M3"},
                                               {at::kShort, "I16"},
                                               {at::kUInt16, "U16"},
                                               {at::kHalf, "F16"},
                                               {at::kBFloat16, "BF16"},
                                               {at::kInt, "I32"},
                                               {at::kUInt32, "U32"},
                                               {at::kFloat, "F32"},
                                               {at::kDouble, "F64"},
                                               {at::kLong, "I64"}}};

}  // namespace

bool safetensors_dtype(const std::string& name, at::ScalarType& dtype) {
  for (const DtypeName& known : kNames) {
    if (name != known.name) continue;
    dtype = known.dtype;
    return true;
  }
  return false;
}

std::string safetensors_name(at::ScalarType dtype) {
  for (const DtypeName& known : kNames) {
    if (dtype == known.dtype) return known.name;
  }
  throw Error(fmt::format("a tensor of type {} cannot be written as safetensors", c10::toString(dtype)));
}

int safetensors_rank(at::ScalarType dtype) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (dtype == kNames[i].dtype) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace sift
