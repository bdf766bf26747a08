#include <sift/plugin.h>
#include "nothing.h"

SIFT_PLUGIN("nothing", "1.0.0", "Components that do nothing", [](sift::Registry& registry) {
  registry.add_loss<sift::bench::NoLoss>("no_loss");
  registry.add_metric<sift::bench::NoMetric>("no_metric");
  registry.add_callback<sift::bench::NoCallback>("no_callback");
  registry.add_memory<sift::bench::NoStrategy>("no_strategy");
})
