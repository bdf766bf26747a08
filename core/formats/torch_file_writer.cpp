#include <ATen/core/Tensor.h>
#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>
#include <torch/csrc/jit/serialization/pickler.h>

#include <exception>
#include <string>
#include <vector>

#include "base/partial_file.h"
#include "formats/torch_file.h"

namespace sift {
namespace {

/// A pickle without the type tags of TorchScript, which torch.load(weights_only=True) refuses.
std::string pickled(const c10::IValue& value, std::vector<at::Tensor>& tensors) {
  std::string bytes;
  std::int64_t next_storage = 0;
  torch::jit::Pickler pickler([&](const char* data, std::size_t size) { bytes.append(data, size); }, nullptr,
                              nullptr, nullptr,
                              [&](const at::Tensor&) { return fmt::format("{}", next_storage++); },
                              /*tag_aggregates=*/false);
  pickler.protocol();
  pickler.pushIValue(value);
  pickler.stop();
  tensors = pickler.tensorData();
  return bytes;
}

/// The output of the zip writer, which terminates the program if it is destroyed after an error. Errors are
/// therefore hidden from it; the first one is kept and thrown at the end.
class Sink {
 public:
  explicit Sink(const std::filesystem::path& file) : out_(file) {}

  std::size_t write(const void* data, std::size_t size) noexcept {
    if (!failure_) {
      try {
        out_.write(data, size);
      } catch (...) {
        failure_ = std::current_exception();
      }
    }
    return size;
  }

  bool failed() const { return failure_ != nullptr; }

  void commit() {
    if (failure_) std::rethrow_exception(failure_);
    out_.commit();
  }

 private:
  PartialFile out_;
  std::exception_ptr failure_;
};

}  // namespace

void write_torch_file(const std::filesystem::path& file, const c10::IValue& value) {
  std::vector<at::Tensor> tensors;
  const std::string pickle = pickled(value, tensors);
  Sink sink(file);
  {
    caffe2::serialize::PyTorchStreamWriter zip(
        [&sink](const void* data, std::size_t size) { return sink.write(data, size); });
    const auto write_text = [&zip](const char* name, const std::string& text) {
      zip.writeRecord(name, text.data(), text.size());
    };
    write_text("data.pkl", pickle);
    write_text(".format_version", "1");
    write_text(".storage_alignment", "64");
    write_text("byteorder", "little");
    for (std::size_t i = 0; i < tensors.size() && !sink.failed(); ++i) {
      // one tensor at a time: data on a GPU is never completely copied to host memory
      const auto bytes = torch::jit::getWriteableTensorData(tensors[i]);
      zip.writeRecord(fmt::format("data/{}", i), bytes.data(), bytes.sizeInBytes());
    }
    zip.writeEndOfFile();
  }
  sink.commit();
}

}  // namespace sift
