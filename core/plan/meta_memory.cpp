#include "plan/meta_memory.h"

#include <c10/core/Allocator.h>

#include <algorithm>
#include <utility>

namespace sift {

/// Stands in for the allocator of the device meta. A tensor may outlive it.
class MetaMemory::Counting final : public c10::Allocator {
 public:
  explicit Counting(std::shared_ptr<Count> count)
      : count_(std::move(count)), former_(c10::GetAllocator(c10::DeviceType::Meta)) {
    c10::SetAllocator(c10::DeviceType::Meta, this);
  }
  ~Counting() override { c10::SetAllocator(c10::DeviceType::Meta, former_); }
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;

  c10::DataPtr allocate(std::size_t size) override {
    const auto bytes = static_cast<std::int64_t>(size);
    count_->bytes += bytes;
    count_->peak = std::max(count_->peak, count_->bytes);
    return {nullptr, new Piece{count_, bytes}, &drop, c10::Device(c10::DeviceType::Meta)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return nullptr; }
  void copy_data(void*, const void*, std::size_t) const override {}

 private:
  struct Piece {
    std::shared_ptr<Count> count;
    std::int64_t bytes;
  };
  static void drop(void* context) {
    const std::unique_ptr<Piece> piece(static_cast<Piece*>(context));
    piece->count->bytes -= piece->bytes;
  }

  std::shared_ptr<Count> count_;
  c10::Allocator* former_;
};

MetaMemory::MetaMemory() : counting_(std::make_unique<Counting>(count_)) {}
MetaMemory::~MetaMemory() = default;

}  // namespace sift
