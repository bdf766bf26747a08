#pragma once

#include <functional>

#include <sift/error.h>
#include "formats/pickle.h"

namespace sift::fuzz {

/// Asks a value of a pickle for everything that it may be, down to `depth`: a pickle may hold itself.
inline void walk_pickle(const PickleValue& value, const std::function<void(const PickleValue&)>& on_tensor,
                        int& steps_left, int depth = 6) {
  if (depth == 0 || --steps_left < 0) return;
  if (value.is_tensor()) on_tensor(value);
  const auto attempt = [](const auto& body) {
    try {
      body();
    } catch (const Error&) {
    }
  };
  attempt([&] { (void)value.to_int(); });
  attempt([&] { (void)value.to_double(); });
  attempt([&] { (void)value.to_bool(); });
  attempt([&] {
    for (const PickleValue& item : value.items()) walk_pickle(item, on_tensor, steps_left, depth - 1);
  });
  attempt([&] {
    for (const auto& entry : value.by_number()) walk_pickle(entry.second, on_tensor, steps_left, depth - 1);
  });
  for (const char* key : {"state", "param_groups", "step", "exp_avg", "exp_avg_sq", "params", "betas", "lr",
                          "base_lrs", "last_epoch"}) {
    attempt([&] {
      if (value.has(key)) walk_pickle(value.at(key), on_tensor, steps_left, depth - 1);
    });
  }
}

}  // namespace sift::fuzz
