#include "app/failure.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

namespace sift {

std::string message_of(const std::exception& error) {
  const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
  if (of_torch == nullptr) return error.what();
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) == nullptr)
    return of_torch->what_without_backtrace();
  return fmt::format(
      "{}\nThe device has too little memory for this: lower per_device_train_batch_size or max_length, set "
      "max_tokens_per_pass in [train], or add gradient_checkpointing in [[memory]]",
      of_torch->what_without_backtrace());
}

}  // namespace sift
