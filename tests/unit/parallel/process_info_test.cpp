#include "parallel/process_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "support/temp_folder.h"

namespace sift {
namespace {

using test::error_of;
using testing::HasSubstr;
using Variables = std::map<std::string, std::string>;

std::optional<ProcessInfo> info_of(const Variables& variables) {
  return process_info([&](const char* name) {
    const auto entry = variables.find(name);
    return entry == variables.end() ? nullptr : entry->second.c_str();
  });
}

/// `variables` with `changes`; an empty value counts as not set.
Variables with(Variables variables, const Variables& changes) {
  for (const auto& [name, value] : changes) variables[name] = value;
  return variables;
}

std::string refusal_of(const Variables& variables) {
  return error_of([&] { info_of(variables); });
}

const Variables kTorchrun = {{"RANK", "5"},
                             {"WORLD_SIZE", "8"},
                             {"LOCAL_RANK", "1"},
                             {"LOCAL_WORLD_SIZE", "4"},
                             {"MASTER_ADDR", "node1"},
                             {"MASTER_PORT", "29500"}};
const Variables kSlurm = {{"SLURM_PROCID", "3"},
                          {"SLURM_NTASKS", "5"},
                          {"SLURM_LOCALID", "0"},
                          {"SLURM_NODEID", "1"},
                          {"SLURM_JOB_ID", "4711"},
                          {"SLURM_STEP_ID", "2"},
                          {"SLURM_STEP_TASKS_PER_NODE", "3,2"},
                          {"SLURM_STEP_NODELIST", "gpu[03-04],login"}};
const Variables kOpenMpi = {{"OMPI_COMM_WORLD_RANK", "1"},
                            {"OMPI_COMM_WORLD_SIZE", "2"},
                            {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                            {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}};

TEST(ProcessInfo, IsNothingForAProcessAlone) {
  EXPECT_FALSE(info_of({}));
  EXPECT_FALSE(info_of({{"RANK", ""}, {"WORLD_SIZE", ""}}));
  EXPECT_FALSE(info_of({{"WORLD_SIZE", "1"}}));
  EXPECT_FALSE(info_of({{"RANK", "0"}, {"WORLD_SIZE", "1"}}));
  EXPECT_FALSE(info_of({{"SLURM_JOB_ID", "7"}, {"SLURM_NTASKS", "4"}})) << "salloc without srun";
  EXPECT_FALSE(info_of({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "1"}}));
}

TEST(ProcessInfo, ReadsTorchrun) {
  const auto info = info_of(with(kTorchrun, {{"TORCHELASTIC_USE_AGENT_STORE", "True"}}));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->rank, 5);
  EXPECT_EQ(info->size, 8);
  EXPECT_EQ(info->local_rank, 1);
  EXPECT_EQ(info->local_size, 4);
  EXPECT_EQ(info->master_addr, "node1");
  EXPECT_EQ(info->master_port, 29500);
  EXPECT_TRUE(info->uses_agent_store);
  EXPECT_EQ(info->started_by, "torchrun");
  EXPECT_FALSE(info_of(kTorchrun)->uses_agent_store);
  EXPECT_FALSE(info_of(with(kTorchrun, {{"TORCHELASTIC_USE_AGENT_STORE", "False"}}))->uses_agent_store);
  EXPECT_EQ(info_of(with(kTorchrun, {{"SIFT_LAUNCH", "1"}}))->started_by, "sift launch");
}

// as operators of Kubernetes do, with one process in each container
TEST(ProcessInfo, NeedsNoLocalRank) {
  const Variables variables = with(kTorchrun, {{"LOCAL_RANK", ""}, {"LOCAL_WORLD_SIZE", ""}});
  EXPECT_EQ(info_of(variables)->local_rank, 0);
  EXPECT_EQ(info_of(variables)->local_size, 1);
  const auto local = info_of(with(variables, {{"MASTER_ADDR", "127.0.0.1"}}));
  EXPECT_EQ(local->local_rank, 5);
  EXPECT_EQ(local->local_size, 8);
}

TEST(ProcessInfo, ReadsSlurm) {
  const auto info = info_of(kSlurm);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->rank, 3);
  EXPECT_EQ(info->size, 5);
  EXPECT_EQ(info->local_rank, 0);
  EXPECT_EQ(info->local_size, 2);
  EXPECT_EQ(info->master_addr, "gpu03");
  EXPECT_EQ(info->master_port, 20'000 + (4711 * 7 + 2) % 10'000);
  EXPECT_FALSE(info->uses_agent_store);
  EXPECT_EQ(info->started_by, "Slurm");
  const auto given =
      info_of(with(kSlurm, {{"MASTER_ADDR", "head"}, {"MASTER_PORT", "1234"}, {"WORLD_SIZE", "5"}}));
  EXPECT_EQ(given->master_addr, "head");
  EXPECT_EQ(given->master_port, 1234);
}

TEST(ProcessInfo, ReadsSlurmsVariablesOfTheWholeJob) {
  const auto info = info_of({{"SLURM_PROCID", "3"},
                             {"SLURM_NTASKS", "4"},
                             {"SLURM_LOCALID", "1"},
                             {"SLURM_JOBID", "4711"},
                             {"SLURM_NTASKS_PER_NODE", "2"},
                             {"SLURM_NODELIST", "a1,a2"}});
  ASSERT_TRUE(info);
  EXPECT_EQ(info->local_size, 2);
  EXPECT_EQ(info->master_addr, "a1");
}

// an interactive shell is a step of one task in a job of several
TEST(ProcessInfo, BelievesTheStepOfAJobMoreThanTheJob) {
  EXPECT_FALSE(info_of(with(kSlurm, {{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "1"}})));
}

TEST(ProcessInfo, TheScriptOfSbatchIsAlone) {
  const Variables script = {{"ENVIRONMENT", "BATCH"}, {"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"},
                            {"SLURM_LOCALID", "0"},   {"SLURM_JOB_ID", "1"}, {"SLURM_NODELIST", "a[1-2]"}};
  EXPECT_FALSE(info_of(script));
  EXPECT_TRUE(info_of(with(kSlurm, {{"ENVIRONMENT", "BATCH"}}))) << "a step that the script started";
}

TEST(ProcessInfo, ReadsOpenMpi) {
  const auto info = info_of(kOpenMpi);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->rank, 1);
  EXPECT_EQ(info->size, 2);
  EXPECT_EQ(info->local_rank, 1);
  EXPECT_EQ(info->local_size, 2);
  EXPECT_EQ(info->master_addr, "127.0.0.1");
  EXPECT_EQ(info->started_by, "Open MPI");
  const auto port = [](const char* job) {
    return info_of(with(kOpenMpi, {{"PMIX_NAMESPACE", job}}))->master_port;
  };
  EXPECT_EQ(port("prterun-1"), port("prterun-1"));
  EXPECT_NE(port("prterun-1"), port("prterun-2")) << "two jobs on one machine";
  EXPECT_THAT(
      refusal_of(with(kOpenMpi, {{"OMPI_COMM_WORLD_SIZE", "4"}})),
      HasSubstr(
          "mpirun started 2 of 4 processes on this host and the others elsewhere, and MASTER_ADDR is not set: add -x MASTER_ADDR=HOST"));
  EXPECT_EQ(info_of(with(kOpenMpi, {{"OMPI_COMM_WORLD_SIZE", "4"}, {"MASTER_ADDR", "a"}}))->master_addr, "a");
}

TEST(ProcessInfo, TheInnermostLauncherCounts) {
  Variables all = with(kSlurm, kOpenMpi);
  EXPECT_EQ(info_of(all)->started_by, "Open MPI") << "mpirun inside a job of Slurm";
  all.insert(kTorchrun.begin(), kTorchrun.end());
  EXPECT_EQ(info_of(all)->started_by, "torchrun");
}

TEST(ProcessInfo, MissingVariablesAreNamed) {
  EXPECT_EQ(
      refusal_of({{"RANK", "3"}}),
      "RANK is '3', but WORLD_SIZE is not set; torchrun or sift launch sets both: set WORLD_SIZE too, or unset RANK to start one process alone");
  EXPECT_THAT(refusal_of({{"WORLD_SIZE", "4"}}), HasSubstr("WORLD_SIZE is '4', but RANK is not set"));
  EXPECT_THAT(refusal_of(with(kTorchrun, {{"MASTER_ADDR", ""}})), HasSubstr("MASTER_ADDR is not set"));
  EXPECT_THAT(refusal_of(with(kTorchrun, {{"MASTER_PORT", ""}})), HasSubstr("MASTER_PORT is not set"));
  EXPECT_THAT(refusal_of(with(kTorchrun, {{"LOCAL_RANK", ""}})), HasSubstr("LOCAL_RANK is not set"));
  EXPECT_THAT(refusal_of({{"SLURM_PROCID", "0"}}), HasSubstr("SLURM_NTASKS is not set; srun sets both"));
  EXPECT_THAT(refusal_of(with(kSlurm, {{"SLURM_JOB_ID", ""}})), HasSubstr("SLURM_JOB_ID is not set"));
  EXPECT_THAT(refusal_of(with(kSlurm, {{"SLURM_STEP_NODELIST", ""}})),
              HasSubstr("SLURM_NODELIST is not set"));
  EXPECT_THAT(refusal_of({{"OMPI_COMM_WORLD_RANK", "0"}}),
              HasSubstr("OMPI_COMM_WORLD_SIZE is not set; mpirun"));
}

TEST(ProcessInfo, GarbageIsNamed) {
  EXPECT_EQ(
      refusal_of(with(kTorchrun, {{"RANK", "two"}})),
      "the environment variable RANK is 'two' and not a whole number from 0 to 1048575; torchrun or sift launch sets it: correct it, or unset RANK to start one process alone");
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"WORLD_SIZE", "8 "}, {"MASTER_PORT", "0"},      {"WORLD_SIZE", "0"},
      {"LOCAL_RANK", "-1"}, {"LOCAL_WORLD_SIZE", "9"}, {"MASTER_PORT", "70000"}};
  for (const auto& [name, value] : wrong) {
    EXPECT_THAT(
        refusal_of(with(kTorchrun, {{name, value}})),
        HasSubstr("the environment variable " + name + " is '" + value + "' and not a whole number from "));
  }
  EXPECT_THAT(refusal_of(with(kSlurm, {{"SLURM_STEP_NODELIST", "gpu[03-04"}})),
              HasSubstr("SLURM_STEP_NODELIST is 'gpu[03-04' and not a list of hosts such as node[01-04]"));
  EXPECT_THAT(refusal_of(with(kSlurm, {{"SLURM_STEP_TASKS_PER_NODE", "2(y)"}})),
              HasSubstr("SLURM_STEP_TASKS_PER_NODE is '2(y)' and not a list of numbers"));
}

TEST(ProcessInfo, ContradictionsAreNamed) {
  EXPECT_THAT(refusal_of(with(kTorchrun, {{"RANK", "8"}})),
              HasSubstr("RANK is '8' and WORLD_SIZE is '8': the ranks of 8 processes are 0 to 7; torchrun"));
  EXPECT_THAT(refusal_of(with(kTorchrun, {{"LOCAL_RANK", "4"}})),
              HasSubstr("LOCAL_RANK is '4' and LOCAL_WORLD_SIZE is '4'"));
  EXPECT_THAT(refusal_of(with(kSlurm, {{"SLURM_PROCID", "5"}})),
              HasSubstr("SLURM_PROCID is '5' and SLURM_NTASKS"));
  EXPECT_THAT(refusal_of(with(kSlurm, {{"SLURM_LOCALID", "2"}})),
              HasSubstr("SLURM_LOCALID is '2' and the number of tasks on this node is '2'"));
  EXPECT_THAT(refusal_of(with(kSlurm, {{"SLURM_NODEID", "2"}})),
              HasSubstr("SLURM_NODEID is '2' and the number of nodes in SLURM_STEP_TASKS_PER_NODE is '2'"));
  EXPECT_THAT(refusal_of(with(kSlurm, {{"WORLD_SIZE", "8"}})),
              HasSubstr("SLURM_NTASKS is '5' and WORLD_SIZE is '8', but both say"));
  EXPECT_THAT(refusal_of(with(kOpenMpi, {{"WORLD_SIZE", "8"}})),
              HasSubstr("OMPI_COMM_WORLD_SIZE is '2' and WORLD_SIZE is '8', but both say"));
}

}  // namespace
}  // namespace sift
