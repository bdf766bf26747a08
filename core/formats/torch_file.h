#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "formats/pickle.h"

namespace caffe2::serialize {
class PyTorchStreamReader;
}

namespace sift {

/// A file of torch.save: a zip of a pickle, data.pkl, and of the bytes of its tensors, data/0, data/1, ...
/// The constructor reads only the pickle. No code in the file can run; any inconsistency is an Error that
/// names the file. LibTorch's own unpickler is not used: it trusts the record sizes in a pickle and reads out
/// of bounds.
class TorchFile {
 public:
  explicit TorchFile(const std::filesystem::path& file);
  ~TorchFile();
  TorchFile(const TorchFile&) = delete;
  TorchFile& operator=(const TorchFile&) = delete;

  PickleValue root() const;
  /// Reads a tensor of this file into `target`, which has its shape; type and device are those of `target`.
  void read(const PickleValue& value, const at::Tensor& target);

 private:
  bool has(const std::string& record);
  std::int64_t record_bytes(const std::string& record);
  void check_byte_order();
  void read_record(const std::string& record, void* bytes, std::int64_t size);
  std::string read_text(const std::string& record, std::int64_t most_bytes);
  [[noreturn]] void fail(const std::string& what) const;

  std::filesystem::path file_;
  std::int64_t file_bytes_ = 0;
  std::unique_ptr<caffe2::serialize::PyTorchStreamReader> zip_;
  std::unique_ptr<PickleValue> root_;
};

/// Writes `value` (numbers, text, tensors, and lists, tuples and dicts of them) as torch.save does, for
/// torch.load with weights_only as well. Equal values give equal bytes. The file gets its name only when it
/// is complete and on the disk. Throws Error.
void write_torch_file(const std::filesystem::path& file, const c10::IValue& value);

}  // namespace sift
