#include "fuzz/fuzz_target.h"
#include "unit/config/config_fixture.h"

// The input is a configuration file. One that is accepted is dumped, and read again to the same text.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  std::optional<std::string> dumped;
  fuzz::expect_no_fault(
      [&] { dumped = dump_config(config_test::read(std::string(fuzz::as_text(data, size)))); });
  if (dumped && dump_config(config_test::read(*dumped)) != *dumped) __builtin_trap();
  return 0;
}
