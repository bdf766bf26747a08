#include "config/renamed/fates.h"

namespace sift {
namespace {

constexpr const char* kTrainFiles = "is train in [data]: a file, or a list of them";
constexpr const char* kBounded =
    "has no use here: rows are prepared in bounded memory, however large the file";
constexpr const char* kFlat = "is not needed: batches are flattened and never padded";
constexpr const char* kThreads = "is not needed: all cores are used";
constexpr const char* kLoader = "has no use here: a thread prepares the next batch during each step";

}  // namespace

const Fates& fates_of_data() {
  static const Fates fates = {
      {"train_dataset", "is train in [data]"},
      {"train_file", "is train in [data]"},
      {"data_files", kTrainFiles},
      {"dataset_name", kTrainFiles},
      {"datasets", kTrainFiles},
      {"dataset_config", "has no use here: train in [data] names the files"},
      {"dataset_train_split", "has no use here: train in [data] names the files to train on"},
      {"dataset_test_split", "has no use here: eval in [data] names the files to evaluate on"},
      {"test_split_size", "is not supported: put the rows to evaluate on into a file, eval in [data]"},
      {"eval_dataset", "is eval in [data]"},
      {"validation_file", "is eval in [data]"},
      {"dataset_streaming", kBounded},
      {"streaming", kBounded},
      {"max_seq_length", "is now max_length in [data]"},
      {"max_seq_len", "is max_length in [data]"},
      {"truncation_mode",
       "is not supported: rows longer than max_length are truncated at the end (keep_start)"},
      {"chat_template", "is chat_template_path in [data]: a file with the template"},
      {"completion_only", "is completion_only_loss in [data]"},
      {"train_on_inputs", "is completion_only_loss or assistant_only_loss in [data]"},
      {"formatting_func", "is not supported: write the rows as text, messages or prompt and completion"},
      {"dataset_kwargs", "has no use here: rows with input_ids are recognised, and taken as they are"},
      {"dataset_batch_size", kBounded},
      {"num_of_sequences", "is max_length in [data], in tokens"},
      {"remove_unused_columns", "has no use here: columns that nothing needs are not read"},
      {"label_names", "has no use here: rows with input_ids have their labels in the column labels"},
      {"pad_token", kFlat},
      {"pad_to_multiple_of", kFlat},
      {"group_by_length", "is now train_sampling_strategy = \"group_by_length\" in [train]"},
      {"length_column_name", "has no use here: the lengths of the rows are known"},
      {"dataset_num_proc", kThreads},
      {"preprocessing_num_workers", kThreads},
      {"dataloader_num_workers", kLoader},
      {"dataloader_pin_memory", kLoader},
      {"dataloader_persistent_workers", kLoader},
      {"dataloader_prefetch_factor", kLoader},
      {"dataloader_multiprocessing_context", kLoader},
      {"dataloader_in_order", kLoader},
  };
  return fates;
}

}  // namespace sift
