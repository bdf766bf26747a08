#include "formats/pickle_objects.h"

#include <c10/util/safe_numerics.h>
#include <fmt/format.h>

#include <string>

#include "formats/pickle_bytes.h"

namespace sift {
namespace {

constexpr std::size_t kMaxDims = 16;
constexpr std::size_t kMaxStorageName = 32;  // torch.save counts them

[[noreturn]] void fail(const std::string& what) {
  throw PickleFault(what);
}

template <class Node>
const Node& as(const PickleGraph& graph, std::uint32_t node, const char* what) {
  const auto* found = std::get_if<Node>(&graph.nodes[node]);
  if (found == nullptr) fail(fmt::format("there is no {} where one must be", what));
  return *found;
}

std::vector<std::int64_t> numbers(const PickleGraph& graph, std::uint32_t node) {
  std::vector<std::int64_t> values;
  const auto& items = as<PickleSequence>(graph, node, "tuple of numbers").items;
  if (items.size() > kMaxDims) fail(fmt::format("a tensor of {} dimensions", items.size()));
  for (const std::uint32_t item : items) {
    values.push_back(as<std::int64_t>(graph, item, "number"));
    if (values.back() < 0) fail("a tensor of negative size");
  }
  return values;
}

/// Checks that every element is inside the storage.
void check_inside(const PickledTensor& tensor) {
  if (tensor.sizes.size() != tensor.strides.size())
    fail("a tensor with a different number of sizes and strides");
  if (tensor.offset < 0 || tensor.storage_numel < 0) fail("a tensor of negative size");
  auto end = static_cast<std::uint64_t>(tensor.offset);
  bool overflow = false, empty = false;
  for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
    if (tensor.sizes[i] == 0) {
      empty = true;
      continue;
    }
    std::uint64_t reach = 0;
    overflow |= c10::mul_overflows(static_cast<std::uint64_t>(tensor.sizes[i] - 1),
                                   static_cast<std::uint64_t>(tensor.strides[i]), &reach);
    overflow |= c10::add_overflows(end, reach, &end);
  }
  if (!empty) overflow |= c10::add_overflows(end, std::uint64_t{1}, &end);
  if (overflow || end > static_cast<std::uint64_t>(tensor.storage_numel)) {
    fail(fmt::format("a tensor reaches beyond its {} stored elements", tensor.storage_numel));
  }
}

}  // namespace

std::optional<PickleGlobal> known_global(std::string_view name) {
  using Kind = PickleGlobal::Kind;
  if (name == "torch._utils._rebuild_tensor_v2") return PickleGlobal{Kind::kRebuildTensor};
  if (name == "collections.OrderedDict") return PickleGlobal{Kind::kOrderedDict};
  constexpr std::pair<std::string_view, at::ScalarType> kStorages[] = {
      {"torch.FloatStorage", at::kFloat}, {"torch.DoubleStorage", at::kDouble},
      {"torch.HalfStorage", at::kHalf},   {"torch.BFloat16Storage", at::kBFloat16},
      {"torch.LongStorage", at::kLong},   {"torch.IntStorage", at::kInt},
      {"torch.ShortStorage", at::kShort}, {"torch.CharStorage", at::kChar},
      {"torch.ByteStorage", at::kByte},   {"torch.BoolStorage", at::kBool},
  };
  for (const auto& [storage, dtype] : kStorages) {
    if (name == storage) return PickleGlobal{Kind::kStorageType, dtype};
  }
  return std::nullopt;
}

PickledTensor make_storage(const PickleGraph& graph, std::uint32_t node) {
  const auto& id = as<PickleSequence>(graph, node, "tuple").items;
  if (id.size() != 5 || as<std::string>(graph, id[0], "text") != "storage")
    fail("an unknown kind of storage");
  const auto& type = as<PickleGlobal>(graph, id[1], "type of storage");
  if (type.kind != PickleGlobal::Kind::kStorageType) fail("a storage of no known type");
  PickledTensor storage;
  storage.storage = as<std::string>(graph, id[2], "text");
  // also bounds the total size of many tensors that share one storage
  if (storage.storage.empty() || storage.storage.size() > kMaxStorageName)
    fail("a storage with an invalid name");
  storage.dtype = type.dtype;
  storage.storage_numel = as<std::int64_t>(graph, id[4], "number");
  return storage;
}

PickledTensor make_tensor(const PickleGraph& graph, const std::vector<std::uint32_t>& arguments) {
  if (arguments.size() < 6 || arguments.size() > 7) fail("a tensor that is rebuilt in an unknown way");
  PickledTensor tensor = graph.storages[as<PickleStorage>(graph, arguments[0], "storage").index];
  tensor.offset = as<std::int64_t>(graph, arguments[1], "number");
  tensor.sizes = numbers(graph, arguments[2]);
  tensor.strides = numbers(graph, arguments[3]);
  check_inside(tensor);
  return tensor;
}

}  // namespace sift
