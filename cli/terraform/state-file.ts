import { existsSync, readFileSync } from "node:fs";
import type { S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { readObject } from "../objects.ts";
import type { Backend } from "./stacks.ts";

const stateSchema = z.object({
  version: z.literal(4),
  resources: z.array(
    z.object({
      module: z.string().optional(),
      mode: z.string(),
      type: z.string(),
      name: z.string(),
      instances: z.array(
        z.object({ index_key: z.union([z.string(), z.number()]).optional(), attributes: z.record(z.string(), z.unknown()).default({}) }),
      ),
    }),
  ),
});

export interface StateResource {
  readonly type: string;
  /** As Terraform writes it: `aws_subnet.public["a"]`. */
  readonly address: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What Terraform knows to exist, read without Terraform; empty where there is no state yet. */
export async function readState(s3: S3Client, backend: Backend): Promise<StateResource[]> {
  const text = backend.kind === "s3" ? (await readObject(s3, backend.bucket, backend.key))?.text : readLocal(backend.path);
  if (text === undefined || text.trim() === "") return [];
  return stateSchema
    .parse(JSON.parse(text))
    .resources.filter(({ mode }) => mode === "managed")
    .flatMap(({ module, type, name, instances }) =>
      instances.map(({ index_key, attributes }) => ({
        type,
        address: `${module === undefined ? "" : `${module}.`}${type}.${name}${index_key === undefined ? "" : `[${JSON.stringify(index_key)}]`}`,
        attributes,
      })),
    );
}

function readLocal(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
