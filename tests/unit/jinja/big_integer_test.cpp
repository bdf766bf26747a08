#include "formats/exact_json.h"

#include <gtest/gtest.h>

#include <sift/error.h>
#include "text/chat_template.h"

namespace sift {
namespace {

/// The text of the template, with n = 123456789012345678901234567890 and the double d = 1e22.
std::string printed(const std::string& source) {
  const auto context =
      parse_exact_json(R"({"n": 123456789012345678901234567890, "m": -18446744073709551616, "d": 1e22,
                           "e": 10000000000000000000000, "list": [18446744073709551615]})");
  try {
    return ChatTemplate(source, "t").render(context).text;
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(BigInteger, IsPrintedAsInPython) {
  EXPECT_EQ(printed("{{ n }} {{ m }} {{ list }} {{ [n, {'k': m}] | tojson }}"),
            "123456789012345678901234567890 -18446744073709551616 [18446744073709551615] "
            "[123456789012345678901234567890, {\"k\": -18446744073709551616}]");
  EXPECT_EQ(printed("{{ n | string | length }} {{ '%s' % n }} {{ n ~ 'x' }} {{ '{}'.format(m) }}"),
            "30 123456789012345678901234567890 123456789012345678901234567890x -18446744073709551616");
}

TEST(BigInteger, IsAnInteger) {
  EXPECT_EQ(
      printed("{{ n is integer }} {{ n is number }} {{ n is string }} {{ n is iterable }} {{ n is float }}"),
      "True True False False False");
  EXPECT_EQ(
      printed(
          "{{ 'yes' if n else 'no' }} {{ n | int }} {{ e | float }} {{ n == n }} {{ n == m }} {{ n == 1 }}"),
      "yes 123456789012345678901234567890 1e+22 True False False");
  EXPECT_EQ(printed("{{ e == d }} {{ d == e }} {{ n == d }}"), "True True False");
}

TEST(BigInteger, IsNotCountedWith) {
  EXPECT_EQ(printed("{{ n + 1 }}"),
            "t:1:4: unsupported operand types for +: 'int of more than 64 bits' and 'int'");
  EXPECT_EQ(printed("{{ n < 1 }}"), "t:1:6: '<' not supported between 'int of more than 64 bits' and 'int'");
}

}  // namespace
}  // namespace sift
