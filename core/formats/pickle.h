#pragma once

#include <c10/core/ScalarType.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sift {

/// A tensor as a pickle of torch.save speaks of it; its bytes are elsewhere in the file.
struct PickledTensor {
  std::string storage;  ///< the name of the record that holds the bytes
  at::ScalarType dtype = at::kFloat;
  std::int64_t storage_numel = 0;
  std::int64_t offset = 0;  ///< of the first element, in elements
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
};

class PickleGraph;

/// A value of a pickle, and the way to it from the root for errors: optimizer.pt['state'][0]['exp_avg'].
/// Remains valid after the reader is destroyed. Throws Error if a value has another type than requested.
class PickleValue {
 public:
  PickleValue(std::shared_ptr<const PickleGraph> graph, std::uint32_t node, std::string path);

  const std::string& path() const { return path_; }
  bool is_tensor() const;
  std::int64_t to_int() const;
  double to_double() const;  ///< of an integer as well
  bool to_bool() const;
  const PickledTensor& to_tensor() const;

  bool has(std::string_view key) const;
  PickleValue at(std::string_view key) const;                           ///< of a dict
  std::vector<std::pair<std::int64_t, PickleValue>> by_number() const;  ///< of a dict whose keys are integers
  std::vector<PickleValue> items() const;                               ///< of a list or a tuple

 private:
  [[noreturn]] void fail(const char* expected) const;

  std::shared_ptr<const PickleGraph> graph_;
  std::uint32_t node_;
  std::string path_;
};

/// The pickle of an optimizer of a hundred thousand parameters has about half of this.
inline constexpr std::int64_t kMaxPickleBytes = 64 << 20;

/// Reads a pickle as torch.save writes it (protocol 2). It makes nothing but numbers, text, lists, tuples,
/// dicts and descriptions of tensors: any other object that the bytes name is an Error, so that nothing in
/// them can run. The bytes may be anyone's: time and memory are bounded by their number, and nothing
/// recurses. `where` names the file in errors. Throws Error.
PickleValue read_pickle(std::string_view bytes, const std::string& where);

}  // namespace sift
