#include "data/token_cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>

#include <sift/error.h>
#include <sift/log.h>
#include "base/durable.h"
#include "base/mapped_file.h"
#include "data/cache_folder.h"
#include "data/content_hash.h"
#include "data/data_files.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

constexpr std::array<char, 8> kMagic = {'S', 'I', 'F', 'T', 'T', 'O', 'K', '2'};
constexpr std::size_t kDigits = 32;

/// The start of a file; the five buffers of the data set follow. The key contains the build, so only the
/// build that wrote a file reads it, and the layout may be the compiler's.
struct Header {
  std::array<char, 8> magic = kMagic;
  std::array<char, kDigits> key{};
  std::array<char, kDigits> checksum{};  // of everything after it
  PrepareCounts counts;
  std::uint64_t num_tokens = 0, num_excerpts = 0, num_documents = 0, num_rows = 0;
};
static_assert(std::is_trivially_copyable_v<Header> && sizeof(Header) % alignof(std::uint64_t) == 0);

template <class T>
std::string_view bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

void set_digits(std::array<char, kDigits>& target, const std::string& digits) {
  std::memcpy(target.data(), digits.data(), std::min(kDigits, digits.size()));
}

std::string_view view(const std::array<char, kDigits>& digits) {
  return {digits.data(), digits.size()};
}

/// All buffers in file order, in pieces; only one piece at a time needs to be resident.
template <class Action>
void each_piece(const TokenDataset& dataset, Action&& action) {
  constexpr std::size_t kPiece = std::size_t{16} << 20;
  const TokenDataset::Buffers all = dataset.buffers();
  for (const std::string_view buffer :
       {bytes_of(all.excerpts), bytes_of(all.document_ends), bytes_of(all.row_ends), bytes_of(all.input_ids),
        bytes_of(all.labels)}) {
    for (std::size_t at = 0; at < buffer.size(); at += kPiece) {
      action(buffer.substr(at, kPiece));
      dataset.give_back_pages();
    }
  }
}

std::string checksum_of(const Header& header, const TokenDataset& dataset) {
  std::string text(reinterpret_cast<const char*>(&header.num_tokens), 4 * sizeof header.num_tokens);
  text += content_hash({reinterpret_cast<const char*>(&header.counts), sizeof header.counts});
  each_piece(dataset, [&text](std::string_view piece) { text += content_hash(piece); });
  return content_hash(text);
}

template <class T>
std::span<const T> take(const std::byte*& at, std::uint64_t count) {
  const std::span<const T> values(reinterpret_cast<const T*>(at), count);
  at += values.size_bytes();
  return values;
}

bool has_expected_size(const Header& header, std::size_t size) {
  const std::size_t limit = size;  // prevents overflow of the sum below
  if (header.num_tokens > limit || header.num_excerpts > limit || header.num_documents > limit ||
      header.num_rows > limit) {
    return false;
  }
  return size == sizeof(Header) + 2 * sizeof(std::int32_t) * header.num_tokens +
                     sizeof(Excerpt) * header.num_excerpts +
                     sizeof(std::uint64_t) * (header.num_documents + header.num_rows);
}

}  // namespace

std::optional<TokenCache> TokenCache::of(const DataOptions& options) {
  constexpr double kGigabyte = 1e9;
  const auto folder = cache_folder(options);
  if (!folder) return std::nullopt;
  return TokenCache(*folder, static_cast<std::uint64_t>(options.token_cache_max_gb * kGigabyte));
}

std::optional<PreparedData> TokenCache::load(const std::string& key) const {
  const fs::path path = file_of(key);
  std::shared_ptr<const void> in_use = use(key);
  if (in_use == nullptr || !fs::is_regular_file(path)) return std::nullopt;
  const auto file = std::make_shared<MappedFile>(path);
  Header header;
  const bool has_header = file->size() >= sizeof header;
  if (has_header) std::memcpy(static_cast<void*>(&header), file->data(), sizeof header);
  if (has_header && header.magic == kMagic && view(header.key) == key &&
      has_expected_size(header, file->size())) {
    const std::byte* at = file->data() + sizeof header;
    TokenDataset::Buffers buffers;
    buffers.excerpts = take<Excerpt>(at, header.num_excerpts);
    buffers.document_ends = take<std::uint64_t>(at, header.num_documents);
    buffers.row_ends = take<std::uint64_t>(at, header.num_rows);
    buffers.input_ids = take<std::int32_t>(at, header.num_tokens);
    buffers.labels = take<std::int32_t>(at, header.num_tokens);
    TokenDataset dataset(buffers, file);
    if (checksum_of(header, dataset) == view(header.checksum)) {
      return PreparedData{std::move(dataset), header.counts, {}, /*from_cache=*/true, std::move(in_use)};
    }
  }
  log_warning(fmt::format("{}: damaged; the data is prepared again", path.string()));
  return std::nullopt;
}

void TokenCache::store(const std::string& key, const PreparedData& data) const {
  const TokenDataset::Buffers buffers = data.dataset.buffers();
  Header header;
  set_digits(header.key, key);
  header.counts = data.counts;
  header.num_tokens = buffers.input_ids.size();
  header.num_excerpts = buffers.excerpts.size();
  header.num_documents = buffers.document_ends.size();
  header.num_rows = buffers.row_ends.size();
  set_digits(header.checksum, checksum_of(header, data.dataset));

  // one folder per process: two runs may prepare the same data at the same time
  StagedFolder staged(folder_ / fmt::format("{}-{}", key, ::getpid()));
  const fs::path file = staged.path() / file_of(key).filename();
  std::ofstream out(file, std::ios::binary);
  const auto write = [&out](std::string_view bytes) {
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
  write({reinterpret_cast<const char*>(&header), sizeof header});
  each_piece(data.dataset, write);
  out.close();
  if (!out) throw Error(fmt::format("{}: cannot be written; is the disk full?", file.string()));
  staged.commit_into(folder_);
}

PreparedData prepare_cached(const PrepareRequest& request) {
  const auto prepare = [&request] {
    return prepare_data(request.files, request.options, request.text, request.vocab_size,
                        request.arrangement);
  };
  const auto cache = TokenCache::of(request.options);
  if (!cache) return prepare();
  std::string key;
  try {
    key = TokenCache::key_of(request);
    if (auto data = cache->load(key)) {
      data->files = data_files(request.files);
      return std::move(*data);
    }
  } catch (const Error&) {
    // unreadable files: preparing the data gives the better error
    return prepare();
  }
  PreparedData data = prepare();
  try {
    // unless a file has changed in the meantime
    if (TokenCache::key_of(request) == key) {
      cache->store(key, data);
      data.in_use = cache->use(key);
      cache->evict();
    }
  } catch (const std::exception& error) {
    log_warning(fmt::format("the prepared data is not cached: {}", error.what()));
  }
  return data;
}

}  // namespace sift
