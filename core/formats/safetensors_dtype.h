#pragma once

#include <c10/core/ScalarType.h>

#include <string>

namespace sift {

/// A type by its name in a safetensors header, e.g. "BF16". False when Sift does not read that type.
bool safetensors_dtype(const std::string& name, at::ScalarType& dtype);
/// The name of a type in a header. Throws Error for one that the format does not have.
std::string safetensors_name(at::ScalarType dtype);
/// Where the format places a type: files are sorted by this, largest first, and then by name.
int safetensors_rank(at::ScalarType dtype);

}  // namespace sift
