#include "data/row_media.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/prepare_row.h"
#include "support/small_run.h"

namespace sift {
namespace {

using test::error_of;
using testing::HasSubstr;

TEST(RowMedia, ImagesAreRefused) {
  EXPECT_EQ(error_of([] { refuse_images({"messages", "tools"}); }), "");
  EXPECT_THAT(error_of([] {
                refuse_images({"messages", "images"});
              }),
              HasSubstr("the data has 'images', but Sift trains models of text; remove"));
  const auto text = TextProcessor::from_folder(test::SmallRun::model_folder(), {});
  const DataOptions options;
  const RowPreparer preparer(text, options, 1024);
  for (const char* row : {R"({"text": "a", "image": null})", R"({"input_ids": [1], "images": []})"})
    EXPECT_THAT(error_of([&] { preparer.prepare(row); }), HasSubstr("the data has 'image"));
}

TEST(RowMedia, PartsOfAMessageAreText) {
  const auto refused = [](const char* part) {
    const auto json = nlohmann::ordered_json::parse(part);
    return error_of([&] { refuse_media(JsonFields(json, {}, "messages[0].content[1]")); });
  };
  EXPECT_EQ(
      refused(R"({"type": "image"})"),
      R"('messages[0].content[1]' is {"type":"image"}; expected text, because Sift trains models of text)");
  for (const char* part : {R"({"type": "image_url"})", R"({"type": "video"})", R"({"type": "audio"})"})
    EXPECT_NE(refused(part), "");
  for (const char* part : {R"({"type": "text"})", R"({"type": 3})", "{}"}) EXPECT_EQ(refused(part), "");
}

}  // namespace
}  // namespace sift
