import { readFileSync } from "node:fs";
import { bootFiles } from "../constructs/bootstrap/layout.ts";

/** What a machine knows of itself; kept on disk since its first boot. */
export interface NodeIdentity {
  /** Instance id or host name: the node's name in Consul and Nomad. */
  readonly name: string;
  readonly zone: string;
  /** IPv4 address that its peers reach it at. */
  readonly address: string;
}

/** As `agent bootstrap` wrote it. */
export function readNodeIdentity(file: string = bootFiles.identity): NodeIdentity {
  const document = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const take = (key: keyof NodeIdentity): string => {
    const value = document[key];
    if (typeof value !== "string" || value === "")
      throw new Error(`${file}: no ${key}, got ${JSON.stringify(value)}; expected text. Run \`systemctl restart edge-fleet-bootstrap\``);
    return value;
  };
  return { name: take("name"), zone: take("zone"), address: take("address") };
}
