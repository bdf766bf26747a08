#include "data/growing_numbers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include <sift/log.h>

namespace sift {
namespace {

constexpr std::size_t kFirstCapacity = std::size_t{64} << 10;
constexpr std::size_t kLargestGrowth = std::size_t{256} << 20;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kGiveBackBytes = std::size_t{16} << 20;  // a multiple of a page
constexpr int kReadWrite = PROT_READ | PROT_WRITE;

int open_unnamed(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  // file systems without O_TMPFILE: create a file and unlink it at once
  std::string name = folder.string() + "/sift-data-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

std::byte* checked(void* address) {
  if (address == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::byte*>(address);
}

std::byte* map_memory(std::size_t size) {
  return checked(::mmap(nullptr, size, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

}  // namespace

GrowingBytes::GrowingBytes(Spill spill) : spill_(std::move(spill)) {}

GrowingBytes::~GrowingBytes() {
  if (data_ != nullptr) ::munmap(data_, capacity_);
  if (file_ >= 0) ::close(file_);
}

GrowingBytes::GrowingBytes(GrowingBytes&& other) noexcept {
  *this = std::move(other);
}

GrowingBytes& GrowingBytes::operator=(GrowingBytes&& other) noexcept {
  std::swap(spill_, other.spill_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  std::swap(given_back_, other.given_back_);
  std::swap(file_, other.file_);
  return *this;
}

void GrowingBytes::append(const void* bytes, std::size_t count) {
  if (count > 0) std::memcpy(extend(count), bytes, count);
}

void GrowingBytes::append(const GrowingBytes& other, std::size_t begin, std::size_t count) {
  if (count > 0) other.read(begin, count, extend(count));
}

void GrowingBytes::read(std::size_t begin, std::size_t count, void* target) const {
  assert(begin + count <= size_);
  // page faults at scattered offsets of a large file would also map the surrounding pages
  if (file_ >= 0 && ::pread(file_, target, count, static_cast<off_t>(begin)) == static_cast<ssize_t>(count)) {
    return;
  }
  if (count > 0) std::memcpy(target, data_ + begin, count);
}

std::byte* GrowingBytes::extend(std::size_t count) {
  if (count > capacity_ - size_) grow(size_ + count);
  if (file_ >= 0 && size_ - given_back_ > 2 * kGiveBackBytes) {
    const std::size_t end = (size_ - kGiveBackBytes) / kGiveBackBytes * kGiveBackBytes;
    ::madvise(data_ + given_back_, end - given_back_, MADV_DONTNEED);
    given_back_ = end;
  }
  std::byte* const target = data_ + size_;
  size_ += count;
  return target;
}

void GrowingBytes::give_back_pages() const {
  if (file_ >= 0) ::madvise(data_, capacity_, MADV_DONTNEED);
}

void GrowingBytes::grow(std::size_t needed) {
  std::size_t capacity = std::max(capacity_ + std::min(capacity_, kLargestGrowth), needed);
  capacity = (std::max(capacity, kFirstCapacity) + kFirstCapacity - 1) / kFirstCapacity * kFirstCapacity;
  if (!spill_.folder.empty() && capacity > spill_.bytes_in_memory) {
    if (grow_in_file(capacity)) return;
    log_warning(fmt::format("{}: {}, so data preparation uses memory instead of a file",
                            spill_.folder.string(), std::strerror(errno)));
    spill_.folder.clear();
    leave_file();
  }
  grow_in_memory(capacity);
}

void GrowingBytes::grow_in_memory(std::size_t capacity) {
  data_ =
      data_ == nullptr ? map_memory(capacity) : checked(::mremap(data_, capacity_, capacity, MREMAP_MAYMOVE));
  capacity_ = capacity;
  // a page fault for every 4 KiB would cost more than the write itself
  if (capacity_ >= kHugePage) ::madvise(data_, capacity_, MADV_HUGEPAGE);
}

/// False, with errno set and nothing changed, if the file cannot be created or extended.
bool GrowingBytes::grow_in_file(std::size_t capacity) {
  const int file = file_ >= 0 ? file_ : open_unnamed(spill_.folder);
  if (file < 0) return false;
  // a sparse file would raise SIGBUS on a full disk
  int failure = ::posix_fallocate(file, 0, static_cast<off_t>(capacity));
  void* map = MAP_FAILED;
  if (failure == 0) {
    map = file_ >= 0 ? ::mremap(data_, capacity_, capacity, MREMAP_MAYMOVE)
                     : ::mmap(nullptr, capacity, kReadWrite, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) failure = errno;
  }
  if (failure != 0) {
    if (file_ < 0) ::close(file);
    errno = failure;
    return false;
  }
  if (file_ < 0 && data_ != nullptr) {
    std::memcpy(map, data_, size_);
    ::munmap(data_, capacity_);
  }
  file_ = file;
  data_ = static_cast<std::byte*>(map);
  capacity_ = capacity;
  return true;
}

void GrowingBytes::leave_file() {
  if (file_ < 0) return;
  std::byte* memory = map_memory(capacity_);
  std::memcpy(memory, data_, size_);
  ::munmap(data_, capacity_);
  ::close(std::exchange(file_, -1));
  data_ = memory;
}

}  // namespace sift
