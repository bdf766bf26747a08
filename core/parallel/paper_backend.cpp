#include "parallel/paper_backend.h"

#include <torch/csrc/distributed/c10d/FakeProcessGroup.hpp>

#include <vector>

namespace sift {
namespace {

class PaperBackend final : public c10d::FakeProcessGroup {
 public:
  PaperBackend(std::int64_t rank, std::int64_t size)
      : FakeProcessGroup(static_cast<int>(rank), static_cast<int>(size), c10::make_intrusive<Options>()) {}

  c10::intrusive_ptr<c10d::Work> _allgather_base(at::Tensor& output, at::Tensor& input,
                                                 const c10d::AllgatherOptions& options) override {
    // a copy for each of thousands of processes would take long
    if (output.is_meta()) return c10::make_intrusive<c10d::FakeWork>();
    return FakeProcessGroup::_allgather_base(output, input, options);
  }
  c10::intrusive_ptr<c10d::Work> alltoall_base(at::Tensor& output, at::Tensor& input, std::vector<int64_t>&,
                                               std::vector<int64_t>&, const c10d::AllToAllOptions&) override {
    output.copy_(input);
    return c10::make_intrusive<c10d::FakeWork>();
  }
};

}  // namespace

c10::intrusive_ptr<c10d::Backend> paper_backend(std::int64_t rank, std::int64_t size) {
  return c10::make_intrusive<PaperBackend>(rank, size);
}

}  // namespace sift
