#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace sift {

/// Where arrays spill that grow too large for memory.
struct Spill {
  std::filesystem::path folder;                         ///< empty: arrays stay in memory
  std::size_t bytes_in_memory = std::size_t{32} << 20;  ///< per array
};

/// An append-only, contiguous array of bytes: in memory or, once it is large, in an unnamed file, of which
/// only the page cache holds recent parts. If no such file can be created, the array stays in memory, with a
/// warning.
class GrowingBytes {
 public:
  explicit GrowingBytes(Spill spill = {});
  ~GrowingBytes();
  GrowingBytes(GrowingBytes&& other) noexcept;
  GrowingBytes& operator=(GrowingBytes&& other) noexcept;

  void append(const void* bytes, std::size_t count);
  /// Appends bytes [begin, begin + count) of another array. Pages of a file do not become resident.
  void append(const GrowingBytes& other, std::size_t begin, std::size_t count);
  /// Appends `count` bytes, which the caller writes before the next append.
  std::byte* extend(std::size_t count);
  /// Copies bytes [begin, begin + count) to `target` without making the pages of a file resident.
  void read(std::size_t begin, std::size_t count, void* target) const;
  /// Releases pages that are backed by a file; they are read again on access.
  void give_back_pages() const;
  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool in_file() const { return file_ >= 0; }

 private:
  void grow(std::size_t needed);
  void grow_in_memory(std::size_t capacity);
  bool grow_in_file(std::size_t capacity);
  void leave_file();

  Spill spill_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
  std::size_t given_back_ = 0;  // pages of the file before this offset were released
  int file_ = -1;
};

/// The same for numbers.
template <class T>
class GrowingNumbers {
 public:
  explicit GrowingNumbers(const Spill& spill = {}) : bytes_(spill) {}

  void append(std::span<const T> numbers) { bytes_.append(numbers.data(), numbers.size_bytes()); }
  void append(const GrowingNumbers& other, std::size_t begin, std::size_t count) {
    bytes_.append(other.bytes_, begin * sizeof(T), count * sizeof(T));
  }
  std::span<T> extend(std::size_t count) {
    return {reinterpret_cast<T*>(bytes_.extend(count * sizeof(T))), count};
  }
  /// Copies the numbers starting at `begin`, without making pages of a file resident.
  void read(std::size_t begin, std::span<T> target) const {
    bytes_.read(begin * sizeof(T), target.size_bytes(), target.data());
  }
  void give_back_pages() const { bytes_.give_back_pages(); }
  void push_back(T number) { append({&number, 1}); }
  const T* begin() const { return reinterpret_cast<const T*>(bytes_.data()); }
  const T* end() const { return begin() + size(); }
  std::span<const T> view() const { return {begin(), size()}; }
  T& back() { return reinterpret_cast<T*>(bytes_.data())[size() - 1]; }
  std::size_t size() const { return bytes_.size() / sizeof(T); }
  bool in_file() const { return bytes_.in_file(); }

 private:
  GrowingBytes bytes_;
};

/// `numbers` holds the ends of parts and has read() like GrowingNumbers. Returns the end of part begin - 1 (a
/// default value for part 0), then the ends of parts [begin, end).
template <class T, class Numbers>
std::vector<T> read_ends(const Numbers& numbers, std::size_t begin, std::size_t end) {
  std::vector<T> result(end - begin + 1);
  const std::size_t missing = begin == 0 ? 1 : 0;
  numbers.read(begin + missing - 1, std::span(result).subspan(missing));
  return result;
}

}  // namespace sift
