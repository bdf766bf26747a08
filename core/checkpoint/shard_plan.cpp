#include "checkpoint/shard_plan.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <iterator>

#include "formats/model_files.h"
#include "optim/optimizer_shards.h"

namespace sift {
namespace {

at::Tensor like(at::IntArrayRef shape, at::ScalarType dtype) {
  return at::empty(shape, at::TensorOptions().dtype(dtype).device(at::kMeta));
}

/// Whether the main process has updated each parameter.
std::string updated_of_main(const OptimizerState& state, Parallel& parallel) {
  std::string updated;
  for (const OptimizerState::Group& group : state.groups)
    for (const auto& parameter : group.parameters) updated += was_updated(parameter) ? '1' : '0';
  return parallel.of_main(updated);
}

std::int64_t bytes_of(const std::vector<SavedPiece>& pieces) {
  std::int64_t bytes = 0;
  for (const SavedPiece& piece : pieces) bytes += piece.nbytes();
  return bytes;
}

}  // namespace

std::vector<NamedTensor> ShardFile::tensors() const {
  std::vector<NamedTensor> all;
  for (const SavedPiece* piece : pieces)
    std::ranges::move(piece->tensors(piece->like), std::back_inserter(all));
  return all;
}

std::vector<SavedPiece> pieces_of(const Decoder& model, Parallel& parallel) {
  std::vector<SavedPiece> pieces;
  const std::vector<ParameterSpec> specs = parameter_specs(model.config());
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const Parameter& parameter = model.parameters()[i];
    pieces.push_back(
        {like(parameter.tensor.sizes(), parameter.tensor.scalar_type()),
         [&parallel, &parameter](std::int64_t root) { return parallel.whole_on(root, parameter); },
         [spec = specs[i]](const at::Tensor& whole) {
           std::vector<NamedTensor> tensors;
           for (const FileTensor& part : spec.file_tensors()) tensors.push_back({part.name, part.of(whole)});
           return tensors;
         }});
  }
  return pieces;
}

std::vector<SavedPiece> pieces_of(const Optimizer& optimizer, Parallel& parallel) {
  const OptimizerState state = OptimizerState::of(optimizer);
  const std::string updated = updated_of_main(state, parallel);
  const ParameterSlices slices = parallel.slices();
  std::vector<SavedPiece> pieces;
  std::size_t number = 0;
  for (std::size_t g = 0; g < state.groups.size(); ++g) {
    for (std::size_t i = 0; i < state.groups[g].parameters.size(); ++i, ++number) {
      if (updated[number] == '0') continue;
      const NamedTensor& parameter = optimizer.setup().groups[g].parameters[i];
      for (const auto& [name, tensor] : state.groups[g].parameters[i]) {
        const auto slice = slices.find(parameter.name);
        const bool is_slice = slice != slices.end() && tensor.sizes() == parameter.tensor.sizes();
        pieces.push_back(
            {like(is_slice ? at::IntArrayRef(slice->second.shape) : tensor.sizes(), tensor.scalar_type()),
             [&parallel, &parameter, tensor = tensor](std::int64_t root) {
               return parallel.whole_on(root, parameter.name, tensor);
             },
             [key = shard_tensor_name(number, name)](const at::Tensor& whole) {
               return std::vector<NamedTensor>{{key, whole}};
             }});
      }
    }
  }
  return pieces;
}

std::vector<ShardFile> divided(const std::vector<SavedPiece>& pieces, std::int64_t processes,
                               ShardName name) {
  const std::int64_t all = std::max<std::int64_t>(1, bytes_of(pieces));
  std::vector<ShardFile> files;
  std::int64_t bytes = 0;
  for (const SavedPiece& piece : pieces) {
    const std::int64_t owner = std::min(processes - 1, bytes / ((all + processes - 1) / processes));
    if (files.empty() || files.back().owner != owner) files.push_back({{}, owner, {}});
    files.back().pieces.push_back(&piece);
    bytes += piece.nbytes();
  }
  for (std::size_t i = 0; i < files.size(); ++i) files[i].name = name(i, files.size());
  return files;
}

std::vector<ShardFile> limited(const std::vector<SavedPiece>& pieces, std::int64_t max_bytes) {
  std::vector<ShardFile> files(1);
  std::int64_t bytes = 0;
  for (const SavedPiece& piece : pieces) {
    if (!files.back().pieces.empty() && bytes + piece.nbytes() > max_bytes) {
      files.emplace_back();
      bytes = 0;
    }
    files.back().pieces.push_back(&piece);
    bytes += piece.nbytes();
  }
  for (std::size_t i = 0; i < files.size(); ++i) files[i].name = weights_file_name(i, files.size());
  return files;
}

std::string weights_file_name(std::size_t index, std::size_t count) {
  return count == 1 ? kWeightsFile : shard_name(index, count);
}

}  // namespace sift
