#include "checkpoint/disk_room.h"

#include <c10/core/ScalarType.h>
#include <c10/util/accumulate.h>
#include <fmt/format.h>

#include <system_error>

#include "model/weights/parameter.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

std::string in_megabytes(double bytes) {
  constexpr double kMegabyte = 1e6;
  return fmt::format("{:.1f} MB", bytes / kMegabyte);
}

}  // namespace

std::int64_t weight_bytes(const ModelConfig& model, at::ScalarType dtype) {
  std::int64_t weights = 0;
  for (const ParameterSpec& parameter : parameter_specs(model)) {
    weights += c10::multiply_integers(parameter.shape);
  }
  return weights * static_cast<std::int64_t>(c10::elementSize(dtype));
}

std::int64_t weight_bytes(const Adapter& adapter, at::ScalarType dtype) {
  std::int64_t bytes = 0;
  for (const AdapterParameter& parameter : adapter.parameters()) {
    const at::ScalarType type = parameter.is_added() ? at::kFloat : dtype;
    bytes += c10::multiply_integers(parameter.shape) * static_cast<std::int64_t>(c10::elementSize(type));
  }
  return bytes;
}

std::int64_t bytes_to_write(std::int64_t weights, CheckpointParts parts) {
  constexpr std::int64_t kWeightsAndMeans = 3;
  if (parts == CheckpointParts::kNone) return weights;
  return weights + (parts == CheckpointParts::kModel ? weights : kWeightsAndMeans * weights);
}

std::string lack_of_room(const fs::path& output_dir, std::int64_t bytes) {
  std::error_code error;
  const fs::space_info disk = fs::space(output_dir, error);
  if (error || disk.capacity == 0 || disk.available >= static_cast<std::uintmax_t>(bytes)) return {};
  return fmt::format(
      "output_dir {}: its disk has {} free, and this run will write at least {}; free some space, or set "
      "another output_dir in [train]",
      output_dir.string(), in_megabytes(static_cast<double>(disk.available)),
      in_megabytes(static_cast<double>(bytes)));
}

}  // namespace sift
