#pragma once

#include <ATen/core/Dict.h>
#include <ATen/core/List.h>
#include <ATen/core/ivalue.h>

#include <vector>

namespace sift {

// Dicts and lists of any values, for write_torch_file().

inline c10::impl::GenericDict generic_dict() {
  return c10::impl::GenericDict(c10::AnyType::get(), c10::AnyType::get());
}

inline c10::impl::GenericList generic_list(const std::vector<c10::IValue>& values = {}) {
  c10::impl::GenericList list(c10::AnyType::get());
  for (const c10::IValue& value : values) list.push_back(value);
  return list;
}

}  // namespace sift
