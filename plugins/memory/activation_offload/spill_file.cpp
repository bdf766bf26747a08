#include "spill_file.h"

#include <ATen/ops/from_blob.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include <sift/error.h>
#include <sift/log.h>

namespace {

constexpr std::int64_t kPage = 4096;  // of a file mapping, on every system where this runs
// Backward reads the file from its end: the bytes before an extent are needed next.
constexpr std::int64_t kReadAheadBytes = 64 << 20;

int open_unnamed(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  std::string name = folder + "/sift-activations-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

bool lies_in_memory(int file) {
  struct statfs info {};
  return ::fstatfs(file, &info) == 0 && (info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC);
}

}  // namespace

/// An extent of the file. A mapping holds a reference, so the extent is not released while a tensor uses it.
class SpillFile::Extent final : public StoredBytes {
 public:
  struct Piece {
    std::shared_ptr<SpillFile> file;
    std::int64_t offset, length;

    Piece(std::shared_ptr<SpillFile> spill, std::int64_t length_bytes)
        : file(std::move(spill)), offset(file->allocate(length_bytes)), length(length_bytes) {}
    ~Piece() { file->release(offset, length); }
    Piece(const Piece&) = delete;
    Piece& operator=(const Piece&) = delete;
  };

  Extent(std::shared_ptr<Piece> piece, at::TensorOptions options, std::int64_t size)
      : piece_(std::move(piece)), options_(options), size_(size) {}

  at::Tensor load() override {
    const auto length = static_cast<std::size_t>(piece_->length);
    void* address = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                           piece_->file->file_, piece_->offset);
    if (address == MAP_FAILED) {
      throw sift::Error(fmt::format("cannot map {} bytes of the file in '{}': {}", length,
                                    piece_->file->folder_, std::strerror(errno)));
    }
    const std::int64_t ahead = std::max<std::int64_t>(0, piece_->offset - kReadAheadBytes);
    ::posix_fadvise(piece_->file->file_, ahead, piece_->offset - ahead, POSIX_FADV_WILLNEED);
    const at::Tensor mapped = at::from_blob(
        address, {size_}, [piece = piece_, address, length](void*) { ::munmap(address, length); },
        options_.device(at::kCPU));
    return mapped.to(options_.device());
  }

 private:
  std::shared_ptr<Piece> piece_;
  at::TensorOptions options_;
  std::int64_t size_;
};

SpillFile::SpillFile(const std::filesystem::path& folder) : folder_(folder.string()) {
  file_ = open_unnamed(folder_);
  if (file_ < 0) {
    throw sift::Error(fmt::format(
        "cannot create a file in folder = \"{}\": {}; choose an existing folder with write permission",
        folder_, std::strerror(errno)));
  }
  if (lies_in_memory(file_)) {
    sift::log_warning(fmt::format(
        "activation_offload: '{}' is an in-memory file system, so no memory is saved; choose another folder",
        folder_));
  }
}

SpillFile::~SpillFile() {
  ::close(file_);
}

std::unique_ptr<StoredBytes> SpillFile::store(const at::Tensor& bytes) {
  const at::Tensor on_cpu = bytes.cpu();
  const std::int64_t size = on_cpu.numel();
  const auto piece = std::make_shared<Extent::Piece>(shared_from_this(), (size + kPage - 1) / kPage * kPage);
  write(on_cpu.const_data_ptr(), size, piece->offset);
  return std::make_unique<Extent>(piece, bytes.options(), size);
}

void SpillFile::write(const void* data, std::int64_t size, std::int64_t offset) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::pwrite(file_, bytes, static_cast<std::size_t>(size), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      throw sift::Error(
          fmt::format("cannot write activations to folder = \"{}\": {}; {} bytes were written before",
                      folder_, written < 0 ? std::strerror(errno) : "nothing was written", offset));
    }
    bytes += written;
    size -= written;
    offset += written;
  }
}

std::int64_t SpillFile::allocate(std::int64_t length) {
  const std::scoped_lock lock(mutex_);
  for (auto gap = free_.begin(); gap != free_.end(); ++gap) {
    const auto [offset, size] = *gap;
    if (size < length) continue;
    free_.erase(gap);
    if (size > length) free_[offset + length] = size - length;
    return offset;
  }
  const std::int64_t offset = end_;
  end_ += length;
  // a mapping must not extend beyond the end of the file
  if (::ftruncate(file_, end_) != 0) {
    const int error = errno;
    end_ = offset;
    throw sift::Error(fmt::format("cannot extend the file in folder = \"{}\" to {} bytes: {}", folder_,
                                  offset + length, std::strerror(error)));
  }
  return offset;
}

void SpillFile::release(std::int64_t offset, std::int64_t length) {
  const std::scoped_lock lock(mutex_);
  auto gap = free_.emplace(offset, length).first;
  if (const auto next = std::next(gap); next != free_.end() && gap->first + gap->second == next->first) {
    gap->second += next->second;
    free_.erase(next);
  }
  if (gap != free_.begin()) {
    if (const auto before = std::prev(gap); before->first + before->second == gap->first) {
      before->second += gap->second;
      free_.erase(gap);
      gap = before;
    }
  }
  if (gap->first + gap->second != end_) return;
  end_ = gap->first;
  free_.erase(gap);
  // shrinking needs no disk space; on failure the file only stays longer
  static_cast<void>(::ftruncate(file_, end_) == 0);
}
