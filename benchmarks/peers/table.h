// Tables in Markdown, aligned so that they can be read as text too.

#ifndef LENSLET_BENCHMARKS_PEERS_TABLE_H_
#define LENSLET_BENCHMARKS_PEERS_TABLE_H_

#include <string>
#include <vector>

namespace lenslet::peers {

class Table {
 public:
  explicit Table(const std::vector<std::string>& header) : rows_({header}) {}

  // As many cells as the header has, in ASCII.
  void AddRow(const std::vector<std::string>& cells) { rows_.push_back(cells); }

  // The first column is flush left, the others flush right. Ends with a line
  // feed.
  std::string ToString() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_TABLE_H_
