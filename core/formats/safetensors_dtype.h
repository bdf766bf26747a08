#pragma once

#include <c10/core/ScalarType.h>

#include <string>

namespace sift {

/// The type with this name in a safetensors header, e.g. "BF16". False if Sift does not support it.
bool safetensors_dtype(const std::string& name, at::ScalarType& dtype);
/// The name of a type in a header. Throws Error if the format lacks the type.
std::string safetensors_name(at::ScalarType dtype);
/// The rank of a type: files are sorted by it, largest first, then by name.
int safetensors_rank(at::ScalarType dtype);

}  // namespace sift
