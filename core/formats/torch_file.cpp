#include "formats/torch_file.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>

#include <sift/error.h>

namespace sift {
namespace fs = std::filesystem;
namespace {

/// The first line of a LibTorch error, without its stack trace.
std::string reason_of(const std::exception& error) {
  const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
  const std::string text = of_torch != nullptr ? of_torch->what_without_backtrace() : error.what();
  return text.substr(0, text.find('\n'));
}

}  // namespace

TorchFile::TorchFile(const fs::path& file) : file_(file) {
  std::error_code error;
  if (!fs::exists(file, error)) throw Error(fmt::format("{}: missing", file.string()));
  const auto size = fs::file_size(file, error);
  if (error) fail(error.message());
  file_bytes_ = static_cast<std::int64_t>(size);
  try {
    zip_ = std::make_unique<caffe2::serialize::PyTorchStreamReader>(file.string());
  } catch (const std::exception& failure) {
    fail(reason_of(failure));
  }
  check_byte_order();
  root_ = std::make_unique<PickleValue>(read_pickle(read_text("data.pkl", kMaxPickleBytes), file.string()));
}

TorchFile::~TorchFile() = default;

PickleValue TorchFile::root() const {
  return *root_;
}

void TorchFile::fail(const std::string& what) const {
  throw Error(
      fmt::format("{}: not a complete torch.save file: {}; use another checkpoint", file_.string(), what));
}

bool TorchFile::has(const std::string& record) {
  try {
    return zip_->hasRecord(record);
  } catch (const std::exception& error) {
    fail(reason_of(error));
  }
}

/// torch.save does not compress, so a record larger than the file is invalid.
std::int64_t TorchFile::record_bytes(const std::string& record) {
  if (!has(record)) fail(fmt::format("it has no record '{}'", record));
  std::int64_t size = -1;
  try {
    size = static_cast<std::int64_t>(zip_->getRecordSize(record));
  } catch (const std::exception& error) {
    fail(reason_of(error));
  }
  if (size < 0 || size > file_bytes_) {
    fail(fmt::format("record '{}' is declared to have {} bytes, the file has {}", record, size, file_bytes_));
  }
  return size;
}

void TorchFile::read_record(const std::string& record, void* bytes, std::int64_t size) {
  if (size == 0) return;
  try {
    zip_->getRecord(record, bytes, static_cast<std::size_t>(size));
  } catch (const std::exception& error) {
    fail(reason_of(error));
  }
}

std::string TorchFile::read_text(const std::string& record, std::int64_t most_bytes) {
  const std::int64_t size = record_bytes(record);
  if (size > most_bytes)
    fail(fmt::format("record '{}' has {} bytes, more than {}", record, size, most_bytes));
  std::string text(static_cast<std::size_t>(size), '\0');
  read_record(record, text.data(), size);
  return text;
}

/// Older files lack this record and are little-endian.
void TorchFile::check_byte_order() {
  constexpr const char* kRecord = "byteorder";
  if (!has(kRecord)) return;
  if (read_text(kRecord, 16) != "little") fail("its bytes are not in little-endian order");
}

void TorchFile::read(const PickleValue& value, const at::Tensor& target) {
  const at::NoGradGuard no_grad;
  const PickledTensor& saved = value.to_tensor();
  if (target.sizes() != at::IntArrayRef(saved.sizes)) {
    throw Error(fmt::format("{}: has shape {}, this run has {}; the checkpoint is of another model",
                            value.path(), fmt::format("[{}]", fmt::join(saved.sizes, ", ")),
                            fmt::format("[{}]", fmt::join(target.sizes(), ", "))));
  }
  const std::string record = "data/" + saved.storage;
  const std::int64_t size = record_bytes(record);
  const auto item_size = static_cast<std::int64_t>(c10::elementSize(saved.dtype));
  if (size % item_size != 0 || size / item_size != saved.storage_numel) {
    fail(fmt::format("{} has {} elements of {} bytes, record '{}' has {} bytes", value.path(),
                     saved.storage_numel, item_size, record, size));
  }
  const bool same_layout = saved.offset == 0 && saved.storage_numel == target.numel() &&
                           at::IntArrayRef(saved.strides) == target.strides();
  if (same_layout && target.is_contiguous() && target.is_cpu() && target.scalar_type() == saved.dtype) {
    read_record(record, target.mutable_data_ptr(), size);
    return;
  }
  const at::Tensor storage = at::empty({saved.storage_numel}, at::TensorOptions().dtype(saved.dtype));
  read_record(record, storage.mutable_data_ptr(), size);
  target.copy_(storage.as_strided(saved.sizes, saved.strides, saved.offset));
}

}  // namespace sift
