#include <algorithm>
#include <nlohmann/json.hpp>

#include "formats/safetensors.h"
#include "formats/safetensors_dtype.h"

namespace sift {
namespace {

// the header is padded with spaces to align the data
constexpr std::size_t kAlignment = 8;

std::vector<NamedTensor> in_file_order(const std::vector<NamedTensor>& tensors) {
  std::vector<NamedTensor> sorted = tensors;
  std::sort(sorted.begin(), sorted.end(), [](const NamedTensor& a, const NamedTensor& b) {
    const int left = safetensors_rank(a.tensor.scalar_type());
    const int right = safetensors_rank(b.tensor.scalar_type());
    return left != right ? left > right : a.name < b.name;
  });
  return sorted;
}

std::string header_text(const std::vector<NamedTensor>& sorted,
                        const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t position = 0;
  for (const auto& [name, tensor] : sorted) {
    const std::uint64_t end = position + tensor.nbytes();
    auto& entry = header[name];
    entry["dtype"] = safetensors_name(tensor.scalar_type());
    entry["shape"] = tensor.sizes().vec();
    entry["data_offsets"] = {position, end};
    position = end;
  }
  std::string text = header.dump();
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  return text;
}

}  // namespace

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& file,
                                     const std::vector<NamedTensor>& tensors,
                                     const std::map<std::string, std::string>& metadata)
    : out_(file) {
  const std::vector<NamedTensor> sorted = in_file_order(tensors);
  const std::string header = header_text(sorted, metadata);
  const std::uint64_t length = header.size();
  char length_bytes[8];
  for (int i = 0; i < 8; ++i) length_bytes[i] = static_cast<char>((length >> (8 * i)) & 0xff);
  out_.write(length_bytes, sizeof(length_bytes));
  out_.write(header.data(), header.size());
  std::uint64_t position = sizeof(length_bytes) + length;
  for (const auto& [name, tensor] : sorted) {
    positions_[name] = position;
    position += tensor.nbytes();
  }
}

void SafetensorsWriter::write(const std::string& name, const at::Tensor& values) {
  const at::Tensor bytes = values.detach().to(at::kCPU).contiguous();
  out_.seek(positions_.at(name));
  out_.write(bytes.const_data_ptr(), bytes.nbytes());
}

void write_safetensors(const std::filesystem::path& file, const std::vector<NamedTensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  SafetensorsWriter out(file, tensors, metadata);
  // in the order of the file, and one at a time: a model on a GPU is never completely copied to host memory
  for (const auto& [name, tensor] : in_file_order(tensors)) out.write(name, tensor);
  out.commit();
}

}  // namespace sift
