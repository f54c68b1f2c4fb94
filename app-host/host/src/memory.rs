//! How much memory this program may use: the least of what the machine has and what its surroundings allow.

/// Set by Nomad in each task, in MB; the task's cgroup is not visible from its own root folder.
const NOMAD_LIMIT: &str = "NOMAD_MEMORY_LIMIT";
/// cgroup v2 and v1, as a container sees its own.
const CGROUP_LIMITS: [&str; 2] = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
/// When nothing is known.
const FALLBACK_MB: u64 = 1024;

pub fn allowed_mb() -> u64 {
    let files = CGROUP_LIMITS.map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    least_mb(&meminfo, &files, &std::env::var(NOMAD_LIMIT).unwrap_or_default())
}

fn least_mb(meminfo: &str, cgroup_limits: &[String], nomad_limit: &str) -> u64 {
    let machine = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    // "max" and the huge numbers of "no limit" fall out by themselves.
    let cgroups = cgroup_limits.iter().filter_map(|text| text.trim().parse::<u64>().ok()).map(|bytes| bytes >> 20);
    let known = cgroups.chain(machine.map(|kb| kb >> 10)).chain(nomad_limit.parse());
    known.filter(|mb| *mb > 0).min().unwrap_or(FALLBACK_MB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_limit_counts() {
        let meminfo = "MemTotal:        8048576 kB\nMemFree: 1 kB\n";
        let limits = |v2: &str, v1: &str| [v2.to_string(), v1.to_string()];
        assert_eq!(least_mb(meminfo, &limits("", ""), ""), 7859);
        assert_eq!(least_mb(meminfo, &limits("max\n", "9223372036854771712\n"), ""), 7859);
        assert_eq!(least_mb(meminfo, &limits("536870912\n", ""), ""), 512);
        assert_eq!(least_mb(meminfo, &limits("max\n", ""), "256"), 256);
        assert_eq!(least_mb("", &limits("", ""), "x"), FALLBACK_MB);
    }
}
