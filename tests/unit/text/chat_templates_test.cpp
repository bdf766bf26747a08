#include "text/chat_templates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/small_run.h"
#include "support/temp_folder.h"
#include "text/text_processor.h"

namespace sift {
namespace {

using test::error_of;
using testing::HasSubstr;

std::string rendered(const ChatTemplates& templates, bool has_tools) {
  return templates.of_row(has_tools).render(nlohmann::ordered_json::object()).text;
}

ChatTemplates read(const test::TempFolder& folder) {
  return ChatTemplates::read(TextFiles::read(folder.path()), false);
}

TEST(ChatTemplates, RowsWithToolsTakeToolUseOfTheList) {
  const test::TempFolder folder;
  folder.write("tokenizer_config.json",
               R"({"chat_template": [{"name": "rag", "template": "{% broken"},
                   {"name": "default", "template": "d"}, {"name": "tool_use", "template": "t"}]})");
  EXPECT_EQ(rendered(read(folder), false), "d");
  EXPECT_EQ(rendered(read(folder), true), "t");
}

TEST(ChatTemplates, FilesCountBeforeTheList) {
  const test::TempFolder folder;
  folder.write("tokenizer_config.json", R"({"chat_template": "config"})");
  EXPECT_EQ(rendered(read(folder), true), "config");
  folder.write("chat_template.jinja", "file");
  EXPECT_EQ(rendered(read(folder), true), "file");
  std::filesystem::create_directory(folder / "additional_chat_templates");
  folder.write("additional_chat_templates/tool_use.jinja", "tools");
  folder.write("additional_chat_templates/notes.txt", "none");
  EXPECT_EQ(rendered(read(folder), true), "tools");
  EXPECT_EQ(rendered(read(folder), false), "file");
}

TEST(ChatTemplates, WithoutADefaultTheErrorListsTheNames) {
  const test::TempFolder folder;
  folder.write("tokenizer_config.json", R"({"chat_template": "not used, as in transformers"})");
  std::filesystem::create_directory(folder / "additional_chat_templates");
  folder.write("additional_chat_templates/tool_use.jinja", "tools");
  folder.write("additional_chat_templates/rag.jinja", "rag");
  const ChatTemplates templates = read(folder);
  EXPECT_EQ(rendered(templates, true), "tools");
  EXPECT_THAT(
      error_of([&] { templates.of_row(false); }),
      HasSubstr("no chat template is named default, and the row has no tools; the templates are: rag, "
                "tool_use; choose one with chat_template_path in [data]"));
}

TEST(ChatTemplates, AFileReplacesAll) {
  const test::TempFolder folder;
  std::filesystem::create_directory(folder / "additional_chat_templates");
  folder.write("additional_chat_templates/tool_use.jinja", "tools");
  folder.write("mine.jinja", "mine");
  TextFiles files = TextFiles::read(folder.path());
  files.set_chat_template(folder / "mine.jinja");
  EXPECT_EQ(rendered(ChatTemplates::read(files, false), true), "mine");
}

TEST(ChatTemplates, ThePathOfATemplateIsAFile) {
  const test::TempFolder folder;
  const auto error_for = [](const std::filesystem::path& path) {
    return error_of([&] {
      TextProcessor::from_folder(test::SmallRun::model_folder(),
                                 {.chat_template_path = path.string(), .eos_token = {}});
    });
  };
  folder.write("tokenizer_config.json", R"({"chat_template": "x"})");
  EXPECT_THAT(error_for(folder.path()),
              HasSubstr("a folder, but chat_template_path in [data] takes the file of a template: write the "
                        "chat_template of its tokenizer_config.json to a .jinja file; name the end token"));
  folder.write("chat_template.jinja", "x");
  EXPECT_THAT(error_for(folder.path()),
              HasSubstr("write '" + (folder / "chat_template.jinja").string() + "'"));
  EXPECT_EQ(error_for(folder / "chat_template.jinja"), "");
  EXPECT_THAT(error_for("org/model"), HasSubstr("org/model: no such chat template; chat_template_path in"));
  EXPECT_THAT(error_for(folder / "tokenizer_config.json"), HasSubstr("a JSON file, but chat_template_path"));
}

}  // namespace
}  // namespace sift
