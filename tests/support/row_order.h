#pragma once

#include <cstdint>
#include <initializer_list>

#include "data/dataset.h"

namespace sift::test {

inline RowOrder row_order(std::initializer_list<std::int64_t> rows) {
  RowOrder order;
  order.append(rows);
  return order;
}

}  // namespace sift::test
