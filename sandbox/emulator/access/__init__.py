"""Access control as AWS evaluates it: who calls (caller), with which signature, what (requests), judged by which policies (policy)."""
