#include "parallel/division.h"

#include <algorithm>

namespace sift {
namespace {

constexpr std::int64_t kGranule = 64;  // elements: AVX-512 handles 32 of 16 bits

/// Calls copy(part of the tensor, flat, and part of the rows) for the full rows and for the shorter one.
template <class Copy>
void each_part(const at::Tensor& flat, const at::Tensor& rows, const Copy& copy) {
  const std::int64_t chunk = rows.size(1);
  const std::int64_t full = std::min(rows.size(0), flat.numel() / std::max<std::int64_t>(1, chunk));
  const std::int64_t rest = flat.numel() - full * chunk;
  if (full > 0) copy(flat.narrow(0, 0, full * chunk).view({full, chunk}), rows.narrow(0, 0, full));
  if (rest > 0) copy(flat.narrow(0, full * chunk, rest), rows[full].narrow(0, 0, rest));
}

}  // namespace

std::int64_t Division::chunk() const {
  return (numel + size * kGranule - 1) / (size * kGranule) * kGranule;
}

std::int64_t Division::begin(std::int64_t rank) const {
  return std::min(numel, rank * chunk());
}

at::Tensor slice_of(const at::Tensor& tensor, std::int64_t size, std::int64_t rank) {
  const Division division{tensor.numel(), size};
  return tensor.detach().view({-1}).narrow(0, division.begin(rank), division.length(rank));
}

void copy_to_rows(const at::Tensor& tensor, const at::Tensor& rows) {
  each_part(tensor.reshape({-1}), rows,
            [](const at::Tensor& flat, const at::Tensor& row) { row.copy_(flat); });
}

void copy_from_rows(const at::Tensor& rows, const at::Tensor& tensor) {
  each_part(tensor.view({-1}), rows, [](const at::Tensor& flat, const at::Tensor& row) { flat.copy_(row); });
}

}  // namespace sift
