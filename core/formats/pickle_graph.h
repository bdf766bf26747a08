#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "formats/pickle.h"

namespace sift {

/// The globals that a pickle may name: the two functions of torch.save, and its storage types.
struct PickleGlobal {
  enum class Kind { kRebuildTensor, kOrderedDict, kStorageType };
  Kind kind = Kind::kOrderedDict;
  at::ScalarType dtype = at::kFloat;  ///< of a storage type
};

struct PickleSequence {
  std::vector<std::uint32_t> items;
  bool is_tuple = false;
};

struct PickleDict {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> entries;
};

struct PickleStorage {
  std::uint32_t index = 0;  ///< in PickleGraph::storages
};

struct PickleTensorRef {
  std::uint32_t index = 0;  ///< in PickleGraph::tensors
};

using PickleNode = std::variant<std::monostate, bool, std::int64_t, double, std::string, PickleSequence,
                                PickleDict, PickleGlobal, PickleStorage, PickleTensorRef>;

/// All values of a pickle. They refer to each other by index, so cycles are harmless.
class PickleGraph {
 public:
  std::vector<PickleNode> nodes;
  std::vector<PickledTensor> storages;  ///< only their storage is known
  std::vector<PickledTensor> tensors;
};

}  // namespace sift
