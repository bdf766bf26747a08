#include "parallel/slurm_lists.h"

#include <gtest/gtest.h>

namespace sift {
namespace {

TEST(SlurmLists, FirstHost) {
  EXPECT_EQ(first_host("node1"), "node1");
  EXPECT_EQ(first_host("node1,node2"), "node1");
  EXPECT_EQ(first_host("host[03-05,7]"), "host03");
  EXPECT_EQ(first_host("host[7]"), "host7");
  EXPECT_EQ(first_host("host[7,9-11],other"), "host7");
  EXPECT_EQ(first_host("rack[2-3]-node[01-16].example"), "rack2-node01.example");
  for (const char* wrong : {"", ",a", "host[", "host[03-05", "host[]", "host[-3]", "host]"})
    EXPECT_FALSE(first_host(wrong)) << wrong;
}

TEST(SlurmLists, TasksOfNodes) {
  using Tasks = std::vector<std::int64_t>;
  EXPECT_EQ(tasks_of_nodes("4"), Tasks{4});
  EXPECT_EQ(tasks_of_nodes("2(x3),1"), (Tasks{2, 2, 2, 1}));
  for (const char* wrong :
       {"", "a", "2,", "2(x", "2(x3", "2(x0)", "0", "-1", "2 ", "2(x9999999999)", "2(x2000000)"})
    EXPECT_FALSE(tasks_of_nodes(wrong)) << wrong;
}

}  // namespace
}  // namespace sift
