//! What the system says about the process.

/// Resident memory in bytes; `None` where the system does not tell in the way of Linux.
pub(super) fn resident_bytes() -> Option<u64> {
    resident(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_in_bytes() {
        for (status, expect) in [
            (
                "VmPeak:\t  9 kB\nVmRSS:\t    2048 kB\nThreads:\t3\n",
                Some(2_097_152),
            ),
            ("VmRSS:\t many kB\n", None),
            ("VmRSS:\t 1 MB\n", None),
            ("", None),
        ] {
            assert_eq!(resident(status), expect, "{status}");
        }
    }
}
