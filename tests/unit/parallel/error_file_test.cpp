#include "parallel/error_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support/temp_folder.h"

namespace sift {
namespace {

class ErrorFile : public testing::Test {
 protected:
  void TearDown() override { ::unsetenv("TORCHELASTIC_ERROR_FILE"); }
  const test::TempFolder folder_;
};

TEST_F(ErrorFile, HasTheFormatOfTorchelastic) {
  const std::string file = (folder_ / "error.json").string();
  ::setenv("TORCHELASTIC_ERROR_FILE", file.c_str(), 1);
  write_error_file("no \"model\" in\nrun.toml \xff");
  const auto json = nlohmann::json::parse(test::read_file(file));
  const auto& message = json.at("message");
  const std::string text = "no \"model\" in\nrun.toml \xef\xbf\xbd";
  EXPECT_EQ(message.at("message"), text);
  EXPECT_EQ(message.at("extraInfo").at("py_callstack"), text);
  EXPECT_GT(std::stoll(message.at("extraInfo").at("timestamp").get<std::string>()), 1'700'000'000);
}

TEST_F(ErrorFile, IsNotWrittenWhereNobodyExpectsIt) {
  write_error_file("unset");
  ::setenv("TORCHELASTIC_ERROR_FILE", (folder_ / "missing/error.json").c_str(), 1);
  write_error_file("a folder that is missing must not hide the error");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "missing"));
}

}  // namespace
}  // namespace sift
