#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace sift {

/// How the elements of a tensor, in their order in memory, are divided among `size` processes: in chunks of
/// equal length, of which the last may be shorter or empty.
///
/// A chunk is a multiple of the elements that any processor handles at once, so that an element is computed
/// by the same instructions, and to the same bits, in a slice as in the whole tensor.
struct Division {
  std::int64_t numel = 0, size = 1;

  std::int64_t chunk() const;
  std::int64_t begin(std::int64_t rank) const;
  std::int64_t length(std::int64_t rank) const { return begin(rank + 1) - begin(rank); }
};

/// The slice [length] of process `rank`: an alias, without autograd, of `tensor`, which is contiguous.
at::Tensor slice_of(const at::Tensor& tensor, std::int64_t size, std::int64_t rank);

/// Copies a tensor into the rows [size, chunk], one for each process, and back. What the rows have beyond
/// the tensor is neither written nor read.
void copy_to_rows(const at::Tensor& tensor, const at::Tensor& rows);
void copy_from_rows(const at::Tensor& rows, const at::Tensor& tensor);

}  // namespace sift
