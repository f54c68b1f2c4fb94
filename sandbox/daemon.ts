import { sandboxRegion } from "./addresses.ts";
import { sandboxStateFolder } from "./host/folders.ts";
import { cloudLayerFolder, treeFolder } from "./machines/tree.ts";
import { runRegion } from "./region/region.ts";

/** The region daemon: one process inside the sandbox's network, started by `region-daemon.ts`. */
const ended = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => ended.abort());

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new Error(`${name}: missing, got nothing; expected a value. Start the daemon by \`fleet up sandbox\``);
  return value;
}

await runRegion(
  {
    region: sandboxRegion,
    endpoint: required("AWS_ENDPOINT_URL"),
    accessKeyId: required("AWS_ACCESS_KEY_ID"),
    secretAccessKey: required("AWS_SECRET_ACCESS_KEY"),
    stateFolder: sandboxStateFolder(),
    tree: treeFolder(),
    cloudLayer: cloudLayerFolder(),
    everyMs: 500,
    log: (line) => console.log(`${new Date().toISOString()} ${line}`),
  },
  ended.signal,
);
