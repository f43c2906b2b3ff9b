// What is measured: each file registers its own.
#pragma once

#include <string>

#include "report.h"

namespace sspid::bench {

/// encrypt, decrypt, sign, verify: "<what>/<enctype>/<bytes>", and with several client threads "…/4-threads".
void register_messages(const std::string& enctype);

/// "establish/<package>": both ends, mutual authentication, the ticket cached. Contexts per second.
void register_establishment();

/// "memory/context": what keeping both ends of one context costs, in bytes.
void measure_memory(Report& report, int worker);

}  // namespace sspid::bench
