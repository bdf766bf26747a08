#include "parallel/launch/child_stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "base/write_all.h"

namespace sift {
namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("no pipe");
    read = Descriptor(ends[0]);
    written = Descriptor(ends[1]);
    ::fcntl(written.get(), F_SETPIPE_SZ, 1 << 17);
  }
  void put(std::string_view text) const { write_all(written.get(), text); }
  /// What has been written so far.
  std::string taken() const {
    std::string text(1 << 17, '\0');
    const ssize_t count = ::read(read.get(), text.data(), text.size());
    text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return text;
  }
  Descriptor read, written;
};

class ChildStreams : public testing::Test {
 protected:
  ChildStream stream_of(Pipe& child, const std::string& prefix = {}) {
    return {std::move(child.read), result_.written.get(), prefix, shown_};
  }
  Pipe result_, first_, second_;
  ShownErrors shown_;
};

TEST_F(ChildStreams, PassOnWholeLines) {
  ChildStream stream = stream_of(first_);
  first_.put("one\ntw");
  stream.pass_on();
  EXPECT_EQ(result_.taken(), "one\n");
  first_.put("o\n\nthree");
  stream.pass_on();
  EXPECT_EQ(result_.taken(), "two\n\n");
  EXPECT_TRUE(stream.is_open());
  first_.written = Descriptor();
  stream.pass_on();
  EXPECT_EQ(result_.taken(), "three\n");
  EXPECT_FALSE(stream.is_open());
}

TEST_F(ChildStreams, EndWithTheChildThoughItsOwnChildrenWrite) {
  ChildStream stream = stream_of(first_, "[rank 1] ");
  first_.put("a\nb");
  stream.finish();
  EXPECT_EQ(result_.taken(), "[rank 1] a\n[rank 1] b\n");
  EXPECT_FALSE(stream.is_open());
}

TEST_F(ChildStreams, ShowTheErrorOfSeveralChildrenOnce) {
  ChildStream first = stream_of(first_), second = stream_of(second_);
  first_.put("12:00:00 warning x\nsift: no file\nmore about it\n");
  second_.put("12:00:00 warning x\nsift: no file\nmore about it\n");
  first.pass_on();
  second.pass_on();
  EXPECT_EQ(result_.taken(), "12:00:00 warning x\nsift: no file\nmore about it\n12:00:00 warning x\n");
  second_.put("sift: another\n");
  second.pass_on();
  EXPECT_EQ(result_.taken(), "") << "the rest of a stream whose error was left out";
}

TEST_F(ChildStreams, ShowTheErrorThatDiffersInNumbersOnce) {
  EXPECT_TRUE(shown_.add("sift: rank 0 of 4 on host1, at step 19: lost"));
  EXPECT_FALSE(shown_.add("sift: rank 0 of 4 on host1, at step 20: lost"));
  EXPECT_TRUE(shown_.add("sift: rank 0 of 4 on host1, at step 20: full"));
}

TEST_F(ChildStreams, ShowEveryErrorWithItsRank) {
  ChildStream first = stream_of(first_, "[rank 0] "), second = stream_of(second_, "[rank 1] ");
  first_.put("sift: no file\n");
  second_.put("sift: no file\n");
  first.pass_on();
  second.pass_on();
  EXPECT_EQ(result_.taken(), "[rank 0] sift: no file\n[rank 1] sift: no file\n");
}

TEST_F(ChildStreams, WaitForTheErrorOfAChildThatPrintsItself) {
  shown_.wait_for_first = true;
  ChildStream first = stream_of(first_), second = stream_of(second_);
  first_.put("a note\nsift: no file\nmore");
  second_.put("sift: another file\nmore\n");
  first_.written = Descriptor();
  first.pass_on();
  second.pass_on();
  EXPECT_EQ(result_.taken(), "a note\n");
  shown_.add("sift: no file");
  shown_.wait_for_first = false;
  first.pass_on();
  second.pass_on();
  EXPECT_EQ(result_.taken(), "sift: another file\nmore\n");
}

TEST_F(ChildStreams, DoNotKeepAnEndlessLine) {
  ChildStream stream = stream_of(first_);
  const std::string long_line(60'000, 'x');
  first_.put(long_line);
  stream.pass_on();
  EXPECT_EQ(result_.taken(), "");
  first_.put(std::string(6'000, 'x'));
  stream.pass_on();
  EXPECT_EQ(result_.taken().size(), 66'001);
}

}  // namespace
}  // namespace sift
