// CSV files as a data source (CsvProto, TargetProto).

#ifndef LENSLET_DATA_CSV_SOURCE_H_
#define LENSLET_DATA_CSV_SOURCE_H_

#include <string>

#include "absl/status/status.h"
#include "lenslet/data/csv_table.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/load_data.h"

namespace lenslet {

DataSource CsvSource();

// Sets kind, target columns, separator and names. Leaves them alone if the
// target is the input, or there is none.
void SetTableTarget(const TargetProto& target, CsvTableOptions& options);

// How a CSV file is written: what separates its columns, and decimals.
void SetTableForm(const CsvProto& csv, CsvTableOptions& options);

// Warns of training labels that seem to count from 1, and of classes such as
// "NA", that `file` has. Errors: those of reading targets.
absl::Status NoteLabels(const std::string& file, const LoadDataOptions& options,
                        SourceExamples& examples);

// That a target names the columns that it is made of. Errors: InvalidArgument,
// naming the field.
absl::Status CheckTargetColumns(const TargetProto& target);

}  // namespace lenslet

#endif  // LENSLET_DATA_CSV_SOURCE_H_
