#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace sift {

/// Where numbers go that become too many for memory.
struct Spill {
  std::filesystem::path folder;                         ///< empty: they stay in memory
  std::size_t bytes_in_memory = std::size_t{32} << 20;  ///< of each array
};

/// Bytes that are only appended to and always lie in one piece: in memory or, once they are many, in a file
/// without a name, of which the page cache alone holds what was used last. Where no such file can be made
/// they stay in memory, with a warning.
class GrowingBytes {
 public:
  explicit GrowingBytes(Spill spill = {});
  ~GrowingBytes();
  GrowingBytes(GrowingBytes&& other) noexcept;
  GrowingBytes& operator=(GrowingBytes&& other) noexcept;

  void append(const void* bytes, std::size_t count);
  /// Bytes [begin, begin + count) of another one. What lies in a file is read without becoming resident.
  void append(const GrowingBytes& other, std::size_t begin, std::size_t count);
  /// So many more bytes, for the caller to write before the next ones are added.
  std::byte* extend(std::size_t count);
  /// Copies bytes [begin, begin + count) to `target` without making the pages of a file resident.
  void read(std::size_t begin, std::size_t count, void* target) const;
  /// Releases the memory of pages that are backed by a file; they are read again when needed.
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
  std::size_t given_back_ = 0;  // so many bytes of the file need not be resident
  int file_ = -1;
};

/// The same as numbers.
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
  /// Copies the numbers from `begin` on, without making the pages of a file resident.
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

/// Of `numbers`, with read() as GrowingNumbers has it, that say where parts end: those of parts
/// [begin, end), after the one before them. A default value stands for what ends before part 0.
template <class T, class Numbers>
std::vector<T> read_ends(const Numbers& numbers, std::size_t begin, std::size_t end) {
  std::vector<T> result(end - begin + 1);
  const std::size_t missing = begin == 0 ? 1 : 0;
  numbers.read(begin + missing - 1, std::span(result).subspan(missing));
  return result;
}

}  // namespace sift
