#include "plugin/host.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "app/commands.h"
#include "plugin_test_support.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;
using ::testing::HasSubstr;
using ::testing::Not;

fs::path fixture(const std::string& name) {
  return fs::path(SIFT_TEST_PLUGINS) / (name + ".so");
}

/// What load_file says of `file`; it must be one line that starts with the file.
std::string refusal(PluginHost& host, const fs::path& file) {
  try {
    host.load_file(file);
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.rfind(file.string() + ": ", 0), 0U) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    EXPECT_EQ(host.records().back().refused, text);
    return text.substr(file.string().size() + 2);
  }
  ADD_FAILURE() << file << " was not refused";
  return {};
}

std::string refusal(const fs::path& file) {
  PluginHost host;
  const std::string text = refusal(host, file);
  EXPECT_TRUE(host.components().empty()) << "a refused plugin left a component behind";
  return text;
}

TEST(PluginHost, LoadsAPlugin) {
  PluginHost host;
  host.load_file(test::real_plugin("sift_loss_nll"));
  const LoadedComponent* nll = host.find(Kind::kLoss, "nll");
  ASSERT_NE(nll, nullptr);
  EXPECT_EQ(nll->file, test::real_plugin("sift_loss_nll"));
  EXPECT_FALSE(nll->summary.empty());
  EXPECT_EQ(host.find(Kind::kMetric, "nll"), nullptr);
  ASSERT_EQ(host.records().size(), 1U);
  EXPECT_EQ(host.records()[0].name, "nll");
  EXPECT_EQ(host.records()[0].version, "1.1.0");
  EXPECT_EQ(host.records()[0].components, std::vector<std::string>{"loss nll"});
  EXPECT_EQ(host.records()[0].refused, "");
}

TEST(PluginHost, RefusesAMissingFile) {
  EXPECT_EQ(refusal("/nowhere/plugin.so"),
            "cannot be found (No such file or directory); give the path of a plugin, a .so file");
}

TEST(PluginHost, RefusesAFolder) {
  const TempFolder folder;
  EXPECT_EQ(refusal(folder.path()), "is a folder, not a plugin; give the path of a .so file in it");
}

TEST(PluginHost, RefusesWhatIsNoSharedLibrary) {
  const TempFolder folder;
  test::write_text(folder / "text.so",
                   "this is text, long enough to hold the header of an ELF file but for its magic");
  test::write_text(folder / "empty.so", "");
  EXPECT_EQ(refusal(folder / "text.so"),
            "is not a shared library (invalid ELF header); a plugin is a .so made with sift_add_plugin()");
  EXPECT_EQ(refusal(folder / "empty.so"),
            "is not a shared library (file too short); a plugin is a .so made with sift_add_plugin()");
}

TEST(PluginHost, NamesAnUndefinedSymbol) {
  EXPECT_EQ(
      refusal(fixture("undefined_symbol")),
      "needs the symbol 'sift_function_of_another_torch', which neither this program nor its LibTorch has; "
      "built against another LibTorch? rebuild the plugin for \"" SIFT_BUILD_TAG "\"");
}

TEST(PluginHost, RefusesALibraryWithoutEntryPoint) {
  EXPECT_EQ(refusal(fixture("no_symbol")),
            "has no function 'sift_plugin_info', so it is not a Sift plugin; add SIFT_PLUGIN(...) of "
            "sift/plugin.h to one of its source files");
}

TEST(PluginHost, RefusesNullInfo) {
  EXPECT_EQ(refusal(fixture("null_info")),
            "sift_plugin_info() returned null instead of a PluginInfo; write it with SIFT_PLUGIN(...)");
}

TEST(PluginHost, RefusesAnotherAbi) {
  EXPECT_EQ(refusal(fixture("other_abi")), "was built for abi " + std::to_string(kPluginAbi + 6) +
                                               ", this program has abi " + std::to_string(kPluginAbi) +
                                               "; rebuild the plugin against this Sift");
}

TEST(PluginHost, RefusesAnotherBuildTag) {
  EXPECT_EQ(refusal(fixture("other_build_tag")),
            "was built with \"gcc5 c++201103L cxx11abi0 torch1.0.0\", this program with \"" SIFT_BUILD_TAG
            "\"; rebuild the plugin with the compiler and the LibTorch of this program");
}

TEST(PluginHost, RefusesEmptyFields) {
  EXPECT_EQ(refusal(fixture("null_add_to")),
            "leaves out summary, add_to of its PluginInfo; SIFT_PLUGIN(...) takes all of them");
}

TEST(PluginHost, RefusesABadNameAndKeepsNothing) {
  EXPECT_EQ(refusal(fixture("bad_name")),
            "adds a callback called 'Bad-Name'; a name may contain only a-z, 0-9 and '_'");
}

TEST(PluginHost, RefusesAnOptionThatEveryTableHas) {
  EXPECT_EQ(refusal(fixture("reserved_option")),
            "gives callback 'reserved_option' an option called 'enabled', a key that every table of a plugin "
            "has; rename it");
}

TEST(PluginHost, RefusesAThrowingPluginAndKeepsNothing) {
  EXPECT_EQ(
      refusal(fixture("throwing_add_to")),
      "threw \"no licence found\" while adding its components; none of them is registered, fix the plugin");
  EXPECT_EQ(refusal(fixture("throwing_int")),
            "threw an exception that is not a std::exception while adding its components; none of them is "
            "registered, fix the plugin");
}

TEST(PluginHost, RefusesAPluginThatSwallowsARefusal) {
  EXPECT_EQ(refusal(fixture("swallows_refusal")), "adds callback 'swallowed' twice");
}

TEST(PluginHost, RefusesAPluginThatAddsNothing) {
  EXPECT_THAT(refusal(fixture("adds_nothing")), HasSubstr("adds no component; call registry.add_loss"));
}

TEST(PluginHost, NamesBothFilesOfADuplicate) {
  PluginHost host;
  const fs::path nll = test::real_plugin("sift_loss_nll");
  host.load_file(nll);
  EXPECT_EQ(refusal(host, fixture("duplicate_component")),
            "adds loss 'nll', which " + nll.string() +
                " has already added; rename one of the two or remove one of the files");
  EXPECT_EQ(host.components().size(), 1U);
  EXPECT_EQ(host.find(Kind::kCallback, "nll"), nullptr);
  EXPECT_EQ(host.find(Kind::kLoss, "nll")->file, nll);
}

TEST(PluginHost, TheSameNameInAnotherKindIsNoDuplicate) {
  PluginHost host;
  host.load_file(fixture("duplicate_component"));
  EXPECT_NE(host.find(Kind::kCallback, "nll"), nullptr);
  EXPECT_NE(host.find(Kind::kLoss, "nll"), nullptr);
}

TEST(PluginHost, TheSameFileTwiceIsNoError) {
  const TempFolder folder;
  const fs::path nll = test::real_plugin("sift_loss_nll");
  fs::create_symlink(fs::canonical(nll), folder / "link.so");
  PluginHost host;
  host.load_file(nll);
  host.load_file(nll.parent_path() / "." / nll.filename());
  host.load_file(folder / "link.so");
  host.load_folder(folder.path(), true);
  EXPECT_EQ(host.records().size(), 1U);
  EXPECT_EQ(host.components().size(), 1U);
}

TEST(PluginHost, ARefusedFileStaysRefused) {
  PluginHost host;
  EXPECT_EQ(refusal(host, fixture("null_info")), refusal(host, fixture("null_info")));
  EXPECT_EQ(host.records().size(), 1U);
}

TEST(PluginHost, TwoHostsLoadTheSameFile) {
  PluginHost first, second;
  first.load_file(test::real_plugin("sift_loss_nll"));
  second.load_file(test::real_plugin("sift_loss_nll"));
  EXPECT_NE(second.find(Kind::kLoss, "nll"), nullptr);
}

TEST(PluginHost, LoadsAFolderByNameAndRecordsRefusals) {
  const TempFolder folder;
  fs::create_symlink(fs::canonical(fixture("duplicate_component")), folder / "b.so");
  fs::create_symlink(fs::canonical(test::real_plugin("sift_loss_nll")), folder / "a.so");
  test::write_text(folder / "c.so", "text");
  test::write_text(folder / "notes.txt", "no plugin by its name, so nobody looks");
  fs::create_directory(folder / "folder.so");
  fs::create_symlink("/nowhere", folder / "d.so");
  PluginHost host;
  host.load_folder(folder.path(), true);
  ASSERT_EQ(host.records().size(), 4U);
  EXPECT_EQ(host.records()[0].file, folder / "a.so");
  EXPECT_EQ(host.records()[0].refused, "");
  EXPECT_THAT(host.records()[1].refused,
              HasSubstr("which " + (folder / "a.so").string() + " has already added"));
  EXPECT_EQ(host.records()[1].name, "duplicate_component");
  EXPECT_THAT(host.records()[2].refused, HasSubstr((folder / "c.so").string() + ": is not a shared library"));
  EXPECT_THAT(host.records()[3].refused, HasSubstr("cannot be found"));
}

TEST(PluginHost, AMissingFolderIsAnErrorOnlyWhenRequired) {
  PluginHost host;
  host.load_folder("/nowhere/plugins", false);
  EXPECT_TRUE(host.records().empty());
  try {
    host.load_folder("/nowhere/plugins", true);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        "/nowhere/plugins: cannot be read as a folder of plugins (No such file or directory); give an "
        "existing folder or a .so file");
  }
}

TEST(PluginHost, ListsComponentsByKindThenName) {
  PluginHost host;
  for (const char* plugin :
       {"sift_metric_entropy", "sift_callback_logging", "sift_loss_nll", "sift_metric_accuracy"}) {
    host.load_file(test::real_plugin(plugin));
  }
  std::vector<std::string> names;
  for (const LoadedComponent* component : host.components()) {
    names.push_back(to_string(kind_of(*component)) + " " + component->name);
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"loss nll", "metric accuracy", "metric entropy", "callback logging"}));
}

TEST(PluginHost, SearchesSiftPluginPath) {
  ASSERT_EQ(::setenv("SIFT_PLUGIN_PATH", "/one::/two/three:", 1), 0);
  const std::vector<fs::path> folders = default_plugin_folders();
  ASSERT_EQ(::unsetenv("SIFT_PLUGIN_PATH"), 0);
  ASSERT_EQ(folders.size(), 3U);
  EXPECT_EQ(folders[0].filename(), "plugins");
  EXPECT_TRUE(folders[0].is_absolute());
  EXPECT_EQ(folders[1], "/one");
  EXPECT_EQ(folders[2], "/two/three");
  EXPECT_EQ(default_plugin_folders().size(), 1U);
}

TEST(PluginsCommand, PrintsWhatWasFoundAndWhatWasRefused) {
  ::testing::internal::CaptureStdout();
  const int status =
      run_plugins({SIFT_PLUGINS, fixture("null_info").string(), "/nowhere/plugin.so", SIFT_PLUGINS "/"});
  const std::string text = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(status, 1);
  EXPECT_THAT(text, HasSubstr("1.1.0  loss nll"));
  EXPECT_THAT(text, HasSubstr("sift_loss_nll.so"));
  EXPECT_THAT(
      text, HasSubstr("  refused: " + fixture("null_info").string() + ": sift_plugin_info() returned null"));
  EXPECT_THAT(text, HasSubstr("  refused: /nowhere/plugin.so: cannot be found"));
  EXPECT_THAT(text, Not(HasSubstr(SIFT_PLUGINS "/\n")));
}

TEST(PluginsCommand, SucceedsWhenOnlyStrangersAreRefused) {
  const TempFolder folder;
  test::write_text(folder / "stranger.so", "text");
  ::testing::internal::CaptureStdout();
  const int status = run_plugins({folder.path().string()});
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("stranger.so: is not a shared library"));
  EXPECT_EQ(status, 0);
}

TEST(DescribeCommand, PrintsOptionsAndHelpsWithNames) {
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(run_describe("logging", {SIFT_PLUGINS}), 0);
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("live progress line"));
  try {
    run_describe("acuracy", {SIFT_PLUGINS});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("no component is called 'acuracy'; did you mean 'accuracy'?; known: "));
  }
  EXPECT_THROW(run_describe("accuracy", {fixture("null_info").string()}), Error);
}

}  // namespace
}  // namespace sift
