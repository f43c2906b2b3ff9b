#include "doctor/checks.h"

namespace sspictl {

namespace {

using namespace diagnosis;

const char* name_of(State state) {
  switch (state) {
    case State::well:
      return "well";
    case State::wrong:
      return "WRONG";
    case State::note:
      return "note";
    case State::skipped:
      return "skipped";
  }
  return "";
}

struct Diagnosis {
  const Check& check;
  Finding finding;
};

std::string as_text(const std::vector<Diagnosis>& diagnoses) {
  std::string text;
  for (const auto& [check, finding] : diagnoses) {
    std::string head = name_of(finding.state);
    head.resize(9, ' ');
    head += check.id;
    head.resize(23, ' ');
    text += head + printable(finding.text) + '\n';
    if (!finding.remedy.empty()) text += "         mend it:      " + printable(finding.remedy) + '\n';
  }
  if (!text.empty()) text.pop_back();
  return text;
}

std::string as_json(const std::vector<Diagnosis>& diagnoses) {
  Json all = Json::array();
  for (const auto& [check, finding] : diagnoses) {
    std::string state = name_of(finding.state);
    if (finding.state == State::wrong) state = "wrong";
    all.push_back({{"id", check.id},
                   {"what", check.what},
                   {"state", state},
                   {"finding", finding.text},
                   {"remedy", finding.remedy}});
  }
  return to_line(all);
}

}  // namespace

Result doctor(const Options& options, const DoctorOptions& what) {
  Patient patient{options, what, {}, {}, {}, {}, {}, {}};
  std::vector<Diagnosis> diagnoses;
  Exit exit = Exit::ok;
  for (const Check& check : checks())
    for (Finding& finding : check.examine(patient)) {
      if (finding.state == State::wrong) exit = Exit::found_wrong;
      diagnoses.push_back({check, std::move(finding)});
    }
  return {options.format == Format::json ? as_json(diagnoses) : as_text(diagnoses), exit};
}

}  // namespace sspictl
