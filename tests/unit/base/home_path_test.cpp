#include "base/home_path.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace sift {
namespace {

/// Sets HOME while it lives.
class Home {
 public:
  explicit Home(const char* folder) : before_(std::getenv("HOME") ? std::getenv("HOME") : "") {
    ::setenv("HOME", folder, 1);
  }
  ~Home() { ::setenv("HOME", before_.c_str(), 1); }

 private:
  std::string before_;
};

TEST(HomePath, TildeIsTheHomeFolder) {
  const Home home("/home/me");
  EXPECT_EQ(expand_home("~"), "/home/me");
  EXPECT_EQ(expand_home("~/data/*.jsonl"), "/home/me/data/*.jsonl");
  EXPECT_EQ(expand_home("~/"), "/home/me/");
}

TEST(HomePath, OtherPathsStayAsTheyAre) {
  const Home home("/home/me");
  for (const char* path : {"", "data/~/x", "./~", "a~", "/x/~", "~no-such-user-here/x"})
    EXPECT_EQ(expand_home(path), path);
}

TEST(HomePath, TildeAndANameIsTheHomeFolderOfThatUser) {
  const passwd* root = ::getpwnam("root");
  if (root == nullptr) GTEST_SKIP() << "no user root";
  EXPECT_EQ(expand_home("~root/x"), std::string(root->pw_dir) + "/x");
  EXPECT_EQ(expand_home("~root"), root->pw_dir);
}

TEST(HomePath, WithoutHomeThePasswordDatabaseKnows) {
  const Home home("");
  const passwd* me = ::getpwuid(::getuid());
  if (me == nullptr) GTEST_SKIP() << "the user has no entry";
  EXPECT_EQ(expand_home("~"), me->pw_dir);
}

TEST(HomePath, AHomeAtTheRootGivesOneSlash) {
  const Home home("/");
  EXPECT_EQ(expand_home("~/x"), "/x");
}

}  // namespace
}  // namespace sift
