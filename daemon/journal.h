// The journal of systemd, spoken to by its native protocol, so that what a line tells programs (log_fields.h) arrives
// as fields and not as text: journalctl SSPID_TARGET=host/db.example.test. journald itself adds who sent it.
#pragma once

#include <memory>
#include <string>

#include <spdlog/sinks/sink.h>

namespace sspid::log {

inline constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

/// Whether the descriptor is the connection to the journal that the service manager made. `journal_stream`:
/// $JOURNAL_STREAM, nullptr where it is not set.
[[nodiscard]] bool is_journal(int descriptor, const char* journal_stream);

/// A sink that sends every line to the journal, with SSPID_ROLE=`role`, and each of the line's fields both in its text
/// and as SSPID_<NAME>. Its socket is connected now: a sandbox may close the way later. Nothing where it cannot be. Any
/// thread may use it.
[[nodiscard]] std::shared_ptr<spdlog::sinks::sink> journal_sink(const std::string& role,
                                                                const std::string& socket = kJournalSocket);

}  // namespace sspid::log
