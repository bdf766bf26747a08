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

/// The description of a tensor in a pickle of torch.save; its bytes are elsewhere in the file.
struct PickledTensor {
  std::string storage;  ///< name of the record with the bytes
  at::ScalarType dtype = at::kFloat;
  std::int64_t storage_numel = 0;
  std::int64_t offset = 0;  ///< of the first element, in elements
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
};

class PickleGraph;

/// A value of a pickle, with its path from the root for errors: optimizer.pt['state'][0]['exp_avg'].
/// Remains valid after the reader is destroyed. Throws Error if the value has another type.
class PickleValue {
 public:
  PickleValue(std::shared_ptr<const PickleGraph> graph, std::uint32_t node, std::string path);

  const std::string& path() const { return path_; }
  bool is_tensor() const;
  std::int64_t to_int() const;
  double to_double() const;  ///< also of an integer
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

/// Twice the size of the pickle of an optimizer with a hundred thousand parameters.
inline constexpr std::int64_t kMaxPickleBytes = 64 << 20;

/// Reads a pickle as torch.save writes it (protocol 2). It creates only numbers, text, lists, tuples, dicts
/// and descriptions of tensors; any other object is an Error, so no code in a pickle can run. The bytes may
/// be untrusted: time and memory are bounded by their number, and nothing recurses. `where` names the file in
/// errors. Throws Error.
PickleValue read_pickle(std::string_view bytes, const std::string& where);

}  // namespace sift
