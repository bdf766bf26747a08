#include "checkpoint/run_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/temp_folder.h"

namespace sift {
namespace {

using test::error_of;
using test::TempFolder;
using testing::HasSubstr;

/// A process that locks the folder and then waits; says so through a pipe.
pid_t locking_process(const TempFolder& folder) {
  int ends[2];
  if (::pipe(ends) != 0) return -1;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = lock_output_dir(folder.path());
    const ssize_t written = ::write(ends[1], "x", 1);
    while (written == 1) ::pause();
    ::_exit(0);
  }
  char said = 0;
  EXPECT_EQ(::read(ends[0], &said, 1), 1);
  ::close(ends[0]);
  ::close(ends[1]);
  return child;
}

TEST(RunLock, SecondRunIsRefusedWithFolderAndProcess) {
  const TempFolder folder;
  auto lock = lock_output_dir(folder.path());
  EXPECT_EQ(error_of([&] { lock_output_dir(folder.path()); }),
            "output_dir " + folder.path().string() + " is in use by another run (process " +
                std::to_string(::getpid()) + "); wait until it ends, stop it, or choose another folder");
  lock.reset();
  EXPECT_EQ(error_of([&] { lock_output_dir(folder.path()); }), "");
}

TEST(RunLock, EndsWithAProcessThatIsKilled) {
  const TempFolder folder;
  const pid_t child = locking_process(folder);
  ASSERT_GT(child, 0);
  EXPECT_THAT(error_of([&] { lock_output_dir(folder.path()); }),
              HasSubstr("(process " + std::to_string(child) + ")"));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(error_of([&] { lock_output_dir(folder.path()); }), "");
}

}  // namespace
}  // namespace sift
