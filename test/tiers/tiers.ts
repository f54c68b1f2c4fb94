/** The test tiers: what each proves, how it runs and how long it may take on 2 cores. */
export interface Tier {
  readonly title: string;
  readonly minutes: number;
  /** Run one after the other; the tier fails with the first that fails. */
  readonly commands: readonly TierCommand[];
}

export type TierCommand =
  | { readonly kind: "plain"; readonly command: string; readonly args: readonly string[] }
  | { readonly kind: "vitest"; readonly config: string }
  | { readonly kind: "cargo"; readonly args: readonly string[] };

export const tiers = {
  unit: {
    title: "types, lint, unit and property tests, synth of every environment, validate, one stack applied",
    minutes: 12,
    commands: [
      { kind: "plain", command: "npm", args: ["run", "check"] },
      { kind: "plain", command: "node", args: ["agent/build.mjs"] },
      { kind: "vitest", config: "vitest.config.ts" },
    ],
  },
  host: {
    title: "app host: clippy, cargo test, bounded fuzz",
    minutes: 20,
    commands: [
      // Cargo tells old from new by time: what another checkout built in the same cache would be tested instead.
      { kind: "plain", command: "cargo", args: ["clean", "--locked", "--workspace"] },
      { kind: "plain", command: "cargo", args: ["clippy", "--locked", "--all-targets", "--", "-D", "warnings"] },
      { kind: "cargo", args: ["test", "--locked", "--no-fail-fast"] },
    ],
  },
  deploy: {
    title: "every stack applied, planned empty, changed and destroyed on the emulator",
    minutes: 25,
    commands: [
      { kind: "plain", command: "node", args: ["agent/build.mjs"] },
      { kind: "vitest", config: "test/tiers/deploy.config.ts" },
    ],
  },
  boot: {
    title: "machines boot the applied user data into a cluster, an app answers, faults are survived",
    minutes: 30,
    commands: [
      { kind: "plain", command: "node", args: ["agent/build.mjs"] },
      { kind: "vitest", config: "test/tiers/boot.config.ts" },
    ],
  },
} as const satisfies Record<string, Tier>;

export type TierName = keyof typeof tiers;
