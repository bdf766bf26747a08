#include "base/option_ranges.h"

namespace sift {

Range below_one() {
  return {"at least 0 and below 1", [](const OptionValue& value) {
            const double number = std::get<double>(value);
            return number >= 0 && number < 1;
          }};
}

}  // namespace sift
