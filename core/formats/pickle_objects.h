#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "formats/pickle_graph.h"

namespace sift {

// The objects that a pickle of torch.save may name, and their construction. All of these throw PickleFault.

/// "module.name", if tensors need it.
std::optional<PickleGlobal> known_global(std::string_view name);

/// From ('storage', type, name of the record, device, number of elements).
PickledTensor make_storage(const PickleGraph& graph, std::uint32_t node);

/// From the arguments of torch._utils._rebuild_tensor_v2: storage, offset, sizes, strides, requires_grad,
/// hooks and optionally metadata. All elements are inside the storage.
PickledTensor make_tensor(const PickleGraph& graph, const std::vector<std::uint32_t>& arguments);

}  // namespace sift
