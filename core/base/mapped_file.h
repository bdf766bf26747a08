#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace sift {

/// A private memory mapping of a file: writes never reach the file.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& file);  ///< throws Error
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::byte* data() const { return data_; }  ///< nullptr if the file is empty
  std::size_t size() const { return size_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  /// Releases the pages of bytes [begin, end); they are read again on access, and writes to them are lost.
  /// `begin` must be the start of a page.
  void give_back_pages(std::size_t begin, std::size_t end) const;

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace sift
