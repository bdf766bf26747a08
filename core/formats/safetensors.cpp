#include "formats/safetensors.h"

#include <ATen/Functions.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <tuple>

#include <sift/error.h>
#include "base/mapped_file.h"
#include "formats/file_kind.h"
#include "formats/json_fields.h"
#include "formats/json_text.h"
#include "formats/safetensors_dtype.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kLengthBytes = 8;
// The limit of the reference implementation.
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

std::uint64_t little_endian(const std::byte* bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

[[noreturn]] void fail(const std::string& file, const std::string& tensor, const std::string& problem) {
  throw Error(fmt::format("{}: tensor '{}': {}", file, tensor, problem));
}

std::vector<std::uint64_t> sizes(const JsonFields& entry, const char* key) {
  std::vector<std::uint64_t> values;
  for (const JsonFields& value : entry.elements(key))
    values.push_back(static_cast<std::uint64_t>(value.count()));
  return values;
}

/// Bytes of the tensor. Throws Error if the product of its nonzero sizes exceeds 63 bits.
std::uint64_t num_bytes(const std::vector<std::uint64_t>& shape, at::ScalarType dtype,
                        const std::string& file, const std::string& tensor) {
  bool is_empty = false;
  auto bytes = static_cast<std::int64_t>(c10::elementSize(dtype));
  for (const std::uint64_t size : shape) {
    is_empty = is_empty || size == 0;
    // even an empty tensor has strides that are products of its other sizes
    if (size != 0 && __builtin_mul_overflow(bytes, size, &bytes))
      fail(file, tensor, "its shape is larger than 2^63 bytes");
  }
  return is_empty ? 0 : static_cast<std::uint64_t>(bytes);
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::filesystem::path& file)
    : name_(file.string()), map_(std::make_shared<MappedFile>(file)) {
  read_header();
}

void SafetensorsFile::read_header() {
  const std::uint64_t file_bytes = map_->size();
  if (file_bytes < kLengthBytes) {
    throw Error(
        fmt::format("{}: not a safetensors file: it has {} bytes, expected at least 8", name_, file_bytes));
  }
  const std::uint64_t header_bytes = little_endian(map_->data());
  if (header_bytes > kMaxHeaderBytes) {
    if (const auto mistake = mistaken_content(map_->text().substr(0, 512)))
      throw Error(fmt::format("{}: not a safetensors file: {}", name_, *mistake));
    throw Error(fmt::format("{}: not a safetensors file: its header would have {} bytes, expected at most {}",
                            name_, header_bytes, kMaxHeaderBytes));
  }
  if (header_bytes > file_bytes - kLengthBytes) {
    throw Error(
        fmt::format("{}: truncated: the header has {} bytes but only {} are present; download the file again",
                    name_, header_bytes, file_bytes - kLengthBytes));
  }
  data_offset_ = kLengthBytes + header_bytes;

  const std::string_view text(reinterpret_cast<const char*>(map_->data()) + kLengthBytes, header_bytes);
  const Json header = parse_json<Json>(text, name_ + ": the header");
  for (const auto& [tensor, json] : JsonFields(header, name_ + ": the header").object().items()) {
    if (tensor == "__metadata__") continue;
    Entry entry;
    const JsonFields fields(json, fmt::format("{}: tensor '{}'", name_, tensor));
    if (!safetensors_dtype(fields.text("dtype"), entry.dtype))
      fail(name_, tensor, fmt::format("type {} is not supported", fields.value("dtype").dump(-1, ' ', true)));
    const auto shape = sizes(fields, "shape");
    const auto offsets = sizes(fields, "data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1]) {
      fail(name_, tensor, "'data_offsets' is not [begin, end]");
    }
    const std::uint64_t expected = num_bytes(shape, entry.dtype, name_, tensor);
    if (offsets[1] - offsets[0] != expected) {
      fail(name_, tensor,
           fmt::format("it takes {} bytes in the file; its type and shape need {}", offsets[1] - offsets[0],
                       expected));
    }
    for (const std::uint64_t size : shape) entry.shape.push_back(static_cast<std::int64_t>(size));
    entry.begin = offsets[0];
    entry.end = offsets[1];
    entries_.emplace(tensor, std::move(entry));
    names_.push_back(tensor);
  }
  check_layout(file_bytes - data_offset_);
}

void SafetensorsFile::check_layout(std::uint64_t data_bytes) {
  std::sort(names_.begin(), names_.end(), [&](const std::string& a, const std::string& b) {
    const Entry& left = entries_.at(a);
    const Entry& right = entries_.at(b);
    return std::tie(left.begin, left.end) < std::tie(right.begin, right.end);
  });
  std::uint64_t position = 0;
  for (const std::string& tensor : names_) {
    const Entry& found = entries_.at(tensor);
    if (found.begin != position) {
      fail(name_, tensor,
           fmt::format("it starts at byte {} of the data, expected {} (tensors {})", found.begin, position,
                       found.begin < position ? "overlap" : "leave a gap"));
    }
    if (found.end > data_bytes) {
      fail(name_, tensor,
           fmt::format("it ends at byte {} of the data but the file has only {}: the file is truncated; "
                       "download it again",
                       found.end, data_bytes));
    }
    position = found.end;
  }
  if (position != data_bytes) {
    throw Error(fmt::format("{}: the tensors take {} bytes but the file has {} after the header", name_,
                            position, data_bytes));
  }
}

const SafetensorsFile::Entry& SafetensorsFile::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) throw Error(fmt::format("{}: there is no tensor '{}'", name_, name));
  return found->second;
}

std::vector<std::int64_t> SafetensorsFile::shape(const std::string& name) const {
  return entry(name).shape;
}

void SafetensorsFile::give_back(const std::string& name) const {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const Entry& found = entry(name);
  // a page that it shares with another tensor is kept
  const std::size_t begin = (data_offset_ + found.begin + page - 1) / page * page;
  map_->give_back_pages(begin, (data_offset_ + found.end) / page * page);
}

at::Tensor SafetensorsFile::tensor(const std::string& name) const {
  const Entry& found = entry(name);
  const auto options = at::TensorOptions().dtype(found.dtype);
  if (found.begin == found.end) return at::empty(found.shape, options);
  std::byte* bytes = map_->data() + data_offset_ + found.begin;
  if (reinterpret_cast<std::uintptr_t>(bytes) % c10::elementSize(found.dtype) != 0) {
    // Old writers did not pad the header.
    at::Tensor copy = at::empty(found.shape, options);
    std::memcpy(copy.data_ptr(), bytes, found.end - found.begin);
    return copy;
  }
  const std::shared_ptr<MappedFile> map = map_;
  return at::from_blob(
      bytes, found.shape, [map](void*) {}, options);
}

}  // namespace sift
