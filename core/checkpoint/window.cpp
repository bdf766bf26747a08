#include "checkpoint/window.h"

#include <algorithm>

namespace sift {

void MetricWindow::add(const std::vector<std::pair<std::string, at::Tensor>>& values) {
  pending_.insert(pending_.end(), values.begin(), values.end());
}

void MetricWindow::read_pending() {
  for (const auto& [key, value] : pending_) {
    auto entry = std::ranges::find(sums_, key, &Sum::key);
    if (entry == sums_.end()) entry = sums_.insert(sums_.end(), Sum{key});
    entry->sum += value.item().toDouble();
    ++entry->count;
  }
  pending_.clear();
}

std::vector<std::pair<std::string, double>> MetricWindow::means() {
  read_pending();
  std::vector<std::pair<std::string, double>> means;
  for (const Sum& sum : sums_) means.emplace_back(sum.key, sum.sum / static_cast<double>(sum.count));
  return means;
}

const std::vector<MetricWindow::Sum>& MetricWindow::sums() {
  read_pending();
  return sums_;
}

void MetricWindow::restore(std::vector<Sum> sums) {
  pending_.clear();
  sums_ = std::move(sums);
}

}  // namespace sift
