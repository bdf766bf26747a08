#include "train/weight_requests.h"

#include <string>

namespace sift {
namespace {

const std::string kWeights = "weights", kDone = "done";

}  // namespace

void WeightRequests::ask() const {
  if (parallel_.keeps_whole()) return;
  parallel_.of_main(kWeights);
  parallel_.make_whole();
}

void WeightRequests::finish_event() const {
  if (parallel_.keeps_whole()) return;
  while (parallel_.of_main(kDone) == kWeights) parallel_.make_whole();
}

}  // namespace sift
