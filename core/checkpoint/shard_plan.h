#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sift/optimizer.h>
#include "model/decoder/decoder.h"
#include "parallel/parallel.h"

namespace sift {

// Which process writes which tensors of a run into which file.

/// What a process gets whole, and writes as one or more tensors.
struct SavedPiece {
  at::Tensor like;  ///< without values
  /// All processes call it; the values are for process `root`.
  std::function<at::Tensor(std::int64_t root)> whole;
  std::function<std::vector<NamedTensor>(const at::Tensor& whole)> tensors;

  std::int64_t nbytes() const { return static_cast<std::int64_t>(like.nbytes()); }
};

/// A file and the process that writes it.
struct ShardFile {
  std::string name;
  std::int64_t owner = 0;
  std::vector<const SavedPiece*> pieces;

  /// Without values.
  std::vector<NamedTensor> tensors() const;
};

/// The weights of a model without an adapter. `model` and `parallel` outlive the pieces.
std::vector<SavedPiece> pieces_of(const Decoder& model, Parallel& parallel);
/// The state of an optimizer. All processes call it.
std::vector<SavedPiece> pieces_of(const Optimizer& optimizer, Parallel& parallel);

/// The name of file `index` (from 0) of `count`.
using ShardName = std::string (*)(std::size_t index, std::size_t count);
/// model.safetensors, if it is the only one, or shard_name().
std::string weights_file_name(std::size_t index, std::size_t count);

/// One file for each process, of about equal size; none for a process that would have no piece. `pieces`
/// outlive the files.
std::vector<ShardFile> divided(const std::vector<SavedPiece>& pieces, std::int64_t processes, ShardName name);
/// Files of weights for the main process. A new one begins when the next piece would exceed the limit.
std::vector<ShardFile> limited(const std::vector<SavedPiece>& pieces, std::int64_t max_bytes);

}  // namespace sift
