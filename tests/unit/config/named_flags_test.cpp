#include "config/named_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/renamed_options.h"
#include "unit/config/config_fixture.h"

namespace sift::config_test {
namespace {

using testing::HasSubstr;

const std::vector<std::pair<std::string, std::string>> kIdle = {
    {"model", "load_in_8bit"}, {"model", "trust_remote_code"}, {"train", "fp16"},
    {"train", "push_to_hub"},  {"train", "torch_compile"},     {"train", "use_liger_kernel"}};

TEST(IdleFlags, OfTrlMayBeFalse) {
  for (const auto& [section, flag] : kIdle)
    EXPECT_EQ(faults(kSmall, {section + "." + flag + "=false"}), "none") << flag;
  EXPECT_EQ(faults("[model]\nload_in_8bit = false\npath = \"m\"\n[data]\ntrain = \"t\"\n[train]\n"
                   "output_dir = \"o\"\nfp16 = false\n"),
            "none");
}

TEST(IdleFlags, AreAnsweredWhereTheyAskForSomething) {
  for (const auto& [section, flag] : kIdle) {
    for (const std::string value : {"true", "0", "\"false\""})
      EXPECT_THAT(faults(kSmall, {section + "." + flag + "=" + value}),
                  HasSubstr("'" + flag + "' " + fate_of_option(flag)))
          << value;
  }
  EXPECT_THAT(faults(kSmall, {"data.load_in_8bit=false"}), HasSubstr("'load_in_8bit' is not supported"));
}

}  // namespace
}  // namespace sift::config_test
