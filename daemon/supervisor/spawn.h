// Starting a worker: a program that is open already (worker_program.h), with a control socket and an environment of our
// making, nothing else.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "proto/descriptor.h"

namespace sspid::supervisor {

/// A worker process. Whoever holds this must end and reap it.
struct Child {
  pid_t pid = -1;
  proto::Descriptor process;  ///< pidfd: readable when the process has ended
  proto::Descriptor control;  ///< our end of the pair; the worker finds its end at control::kWorkerSocket
};

/// Executes `program`, a descriptor. Throws std::system_error where the process cannot be made.
[[nodiscard]] Child spawn_worker(int program, const std::vector<std::string>& arguments,
                                 const std::vector<std::string>& environment);

/// What a worker's environment is made of: these of ours, where set. No variable of a client ever gets there.
[[nodiscard]] std::vector<std::string> worker_environment();

/// The same without those that tell whose tickets and keys to use: for workers that act for others than who runs sspid.
[[nodiscard]] std::vector<std::string> environment_for_others();

/// Reaps an ended child and says how it ended, in words: "exit status 1", "signal 11 (Segmentation fault)".
[[nodiscard]] std::string reap(const Child& child);

}  // namespace sspid::supervisor
