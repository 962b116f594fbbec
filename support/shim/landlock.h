// What the kernel can hold without namespaces: files by Landlock, calls by a seccomp filter. For this process and all below it, for ever.
// Source: the kernel's Landlock ABI (landlock(7)); its newer fields are declared here, since headers are older than kernels. No allocation.
#pragma once

namespace baton::shim {

// `rules`: a descriptor with records of a letter (`r`: read and run; `w`: all) and a path, each ended by a zero byte; what is not there is
// passed over. Files of no record can be neither read nor written. 0, or errno; ENOSYS where the kernel cannot hold all that is needed.
int hold_files(int rules);

// `program`: a descriptor with a filter as seccomp_export_bpf writes it. 0, or errno.
int filter_calls(int program);

}  // namespace baton::shim
