#include "formats/byte_source.h"

#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sift/error.h>
#include "formats/file_kind.h"

namespace sift {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 17;

[[noreturn]] void fail_cut(const char* format) {
  throw Error(
      fmt::format("the {} data end early: the file is incomplete; copy or download it again", format));
}

[[noreturn]] void fail_damaged(const char* format) {
  throw Error(fmt::format("the {} data are damaged; copy or download the file again", format));
}

[[noreturn]] void fail_memory() {
  throw Error("too little memory to decompress the file");
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File open_file(const std::filesystem::path& path) {
  File file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (!file) throw Error(fmt::format("{}: cannot be opened: {}", path.string(), std::strerror(errno)));
  return file;
}

std::size_t read_some(std::FILE* file, std::span<char> target) {
  const std::size_t count = std::fread(target.data(), 1, target.size(), file);
  if (count < target.size() && std::ferror(file) != 0)
    throw Error(fmt::format("the file cannot be read: {}", std::strerror(errno)));
  return count;
}

class PlainBytes final : public ByteSource {
 public:
  explicit PlainBytes(File file) : file_(std::move(file)) {}
  std::size_t read(std::span<char> target) override { return read_some(file_.get(), target); }

 private:
  File file_;
};

class GzipBytes final : public ByteSource {
 public:
  explicit GzipBytes(File file) : file_(std::move(file)), input_(kBufferBytes) {
    constexpr int kGzipAlone = 16;
    if (::inflateInit2(&stream_, MAX_WBITS + kGzipAlone) != Z_OK) fail_memory();
  }
  ~GzipBytes() override { ::inflateEnd(&stream_); }
  GzipBytes(const GzipBytes&) = delete;
  GzipBytes& operator=(const GzipBytes&) = delete;

  std::size_t read(std::span<char> target) override {
    std::size_t done = 0;
    while (done < target.size() && find_input()) {
      // the library counts in int
      const auto room = static_cast<unsigned>(std::min(std::size_t{1} << 30, target.size() - done));
      stream_.next_out = reinterpret_cast<::Bytef*>(target.data() + done);
      stream_.avail_out = room;
      const int status = ::inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_MEM_ERROR) fail_memory();
      if (status != Z_OK && status != Z_STREAM_END) fail_damaged("gzip");
      done += room - stream_.avail_out;
      inside_member_ = status != Z_STREAM_END;
      if (!inside_member_) ::inflateReset(&stream_);
    }
    return done;
  }

 private:
  /// Whether there is more to decompress. Between members and behind the last one zeros may be padding;
  /// anything else there is a fault, so that no rows are lost in silence.
  bool find_input() {
    while (true) {
      while (!inside_member_ && stream_.avail_in > 0 && *stream_.next_in == 0) {
        ++stream_.next_in;
        --stream_.avail_in;
      }
      if (stream_.avail_in > 0) return true;
      stream_.avail_in = static_cast<unsigned>(read_some(file_.get(), input_));
      stream_.next_in = reinterpret_cast<::Bytef*>(input_.data());
      if (stream_.avail_in > 0) continue;
      if (inside_member_) fail_cut("gzip");
      return false;
    }
  }

  File file_;
  std::vector<char> input_;
  ::z_stream stream_{};
  bool inside_member_ = true;
};

class XzBytes final : public ByteSource {
 public:
  explicit XzBytes(File file) : file_(std::move(file)), input_(kBufferBytes) {
    if (::lzma_stream_decoder(&stream_, std::numeric_limits<std::uint64_t>::max(), LZMA_CONCATENATED) !=
        LZMA_OK)
      fail_memory();
  }
  ~XzBytes() override { ::lzma_end(&stream_); }
  XzBytes(const XzBytes&) = delete;
  XzBytes& operator=(const XzBytes&) = delete;

  std::size_t read(std::span<char> target) override {
    stream_.next_out = reinterpret_cast<std::uint8_t*>(target.data());
    stream_.avail_out = target.size();
    while (stream_.avail_out > 0 && !ended_) {
      if (stream_.avail_in == 0 && !input_ended_) {
        stream_.avail_in = read_some(file_.get(), input_);
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(input_.data());
        input_ended_ = stream_.avail_in < input_.size();
      }
      const ::lzma_ret status = ::lzma_code(&stream_, input_ended_ ? LZMA_FINISH : LZMA_RUN);
      if (status == LZMA_BUF_ERROR) fail_cut("xz");
      if (status == LZMA_MEM_ERROR) fail_memory();
      if (status != LZMA_OK && status != LZMA_STREAM_END) fail_damaged("xz");
      ended_ = status == LZMA_STREAM_END;
    }
    return target.size() - stream_.avail_out;
  }

 private:
  File file_;
  std::vector<char> input_;
  ::lzma_stream stream_ = LZMA_STREAM_INIT;
  bool input_ended_ = false, ended_ = false;
};

class ZstdBytes final : public ByteSource {
 public:
  explicit ZstdBytes(File file)
      : file_(std::move(file)), stream_(::ZSTD_createDStream(), &::ZSTD_freeDStream), input_(kBufferBytes) {
    // as zstd --long=31, with which large collections are written
    if (stream_) ::ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, 31);
    if (!stream_) fail_memory();
  }

  std::size_t read(std::span<char> target) override {
    ::ZSTD_outBuffer out{target.data(), target.size(), 0};
    while (out.pos < out.size) {
      if (in_.pos == in_.size) {
        in_ = {input_.data(), read_some(file_.get(), input_), 0};
        if (in_.size == 0 && !inside_frame_) break;
      }
      const std::size_t before = out.pos;
      const bool no_input = in_.size == 0;
      const std::size_t status = ::ZSTD_decompressStream(stream_.get(), &out, &in_);
      if (::ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation) fail_memory();
      if (::ZSTD_isError(status) != 0) fail_damaged("zstd");
      inside_frame_ = status != 0;
      if (no_input && inside_frame_ && out.pos == before) fail_cut("zstd");
    }
    return out.pos;
  }

 private:
  File file_;
  std::unique_ptr<::ZSTD_DStream, std::size_t (*)(::ZSTD_DStream*)> stream_;
  std::vector<char> input_;
  ::ZSTD_inBuffer in_{nullptr, 0, 0};
  bool inside_frame_ = false;
};

}  // namespace

ByteSource::~ByteSource() = default;

std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path) {
  File file = open_file(path);
  char bytes[8];
  const std::string_view head(bytes, read_some(file.get(), bytes));
  std::rewind(file.get());
  if (looks_like_gzip(head)) return std::make_unique<GzipBytes>(std::move(file));
  if (looks_like_xz(head)) return std::make_unique<XzBytes>(std::move(file));
  if (looks_like_zstd(head)) return std::make_unique<ZstdBytes>(std::move(file));
  return std::make_unique<PlainBytes>(std::move(file));
}

}  // namespace sift
