#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sift/tensors.h>
#include "base/partial_file.h"

namespace sift {

class MappedFile;

/// A memory-mapped safetensors file. The constructor checks the whole header: names, types, shapes, and that
/// the tensors fill the file without gaps or overlaps. Throws Error with the file, the tensor, found and
/// expected.
///
/// Format: 8 bytes of header length (little-endian), the header as JSON, the tensors.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& file);

  const std::vector<std::string>& names() const { return names_; }  ///< in file order
  bool contains(const std::string& name) const { return entries_.count(name) != 0; }
  std::vector<std::int64_t> shape(const std::string& name) const;
  /// A view of the mapped bytes; it keeps the mapping alive. Writes to it stay in memory.
  at::Tensor tensor(const std::string& name) const;
  /// Releases the memory of a tensor's bytes, which are read again on access.
  void give_back(const std::string& name) const;

 private:
  struct Entry {
    at::ScalarType dtype = at::kFloat;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0;  ///< in bytes from the first byte after the header
    std::uint64_t end = 0;
  };
  void read_header();
  void check_layout(std::uint64_t data_bytes);
  const Entry& entry(const std::string& name) const;

  std::string name_;
  std::shared_ptr<MappedFile> map_;
  std::uint64_t data_offset_ = 0;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> names_;
};

/// The weights of a model folder: model.safetensors, or the shards that model.safetensors.index.json lists.
/// From a vision-language model, only the weights of its language model, under their text-only names.
class ModelTensors {
 public:
  explicit ModelTensors(const std::filesystem::path& folder);

  std::vector<std::string> names() const;  ///< sorted
  bool contains(const std::string& name) const { return places_.count(name) != 0; }
  std::vector<std::int64_t> shape(const std::string& name) const;
  at::Tensor tensor(const std::string& name) const;
  /// See SafetensorsFile.
  void give_back(const std::string& name) const;
  /// Gives tensor `from` the name `to`, which no other tensor has.
  void rename(const std::string& from, const std::string& to);
  /// The number of tensors that do not belong to the language model.
  std::int64_t num_left_out() const { return num_left_out_; }

 private:
  struct Place {
    std::shared_ptr<const SafetensorsFile> file;
    std::string name;  ///< in the file
  };
  void open_shards(const std::filesystem::path& folder, const std::filesystem::path& index);
  void keep_language_model();

  std::map<std::string, Place> places_;
  std::int64_t num_left_out_ = 0;
};

/// Writes tensors one after the other, in any order, into a file that has them byte for byte as the Python
/// package does: sorted by the alignment of the type, then by name. The bytes are written to a temporary
/// file, synced and renamed, so an error such as a full disk leaves an existing `file` unchanged. Throws
/// Error.
class SafetensorsWriter {
 public:
  /// `tensors`: their names, types and shapes; the values are not read.
  SafetensorsWriter(const std::filesystem::path& file, const std::vector<NamedTensor>& tensors,
                    const std::map<std::string, std::string>& metadata);

  /// One of them, once, from any device.
  void write(const std::string& name, const at::Tensor& values);
  /// After all of them.
  void commit() { out_.commit(); }

 private:
  PartialFile out_;
  std::map<std::string, std::uint64_t> positions_;  ///< in bytes from the beginning of the file
};

/// Writes all tensors with a SafetensorsWriter.
void write_safetensors(const std::filesystem::path& file, const std::vector<NamedTensor>& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace sift
