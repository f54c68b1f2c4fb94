import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import type { Environment } from "../../config/schema.ts";
import { artefactKeys } from "../../constructs/core/artefacts.ts";
import { awsStatus } from "../aws.ts";
import { UserError } from "../errors.ts";
import { objectExists } from "../objects.ts";
import type { Component } from "./component.ts";
import { readReleases, writeRelease } from "./documents.ts";

/** One region's bucket, where an app is released. */
export interface ReleasePlace {
  readonly region: string;
  readonly s3: S3Client;
  readonly bucket: string;
}

/** Refuses an app that the environment does not declare. */
export function requireDeclared(environment: Environment, app: string): void {
  const declared = Object.keys(environment.apps);
  if (!declared.includes(app)) {
    throw new UserError(
      `app: not declared in ${environment.name}, got ${JSON.stringify(app)}; expected ${declared.length === 0 ? "none, it declares no apps" : declared.join(" | ")}`,
      `Name one of them, or declare it in config/environments/${environment.name}.ts and run \`fleet up ${environment.name}\``,
    );
  }
}

/** Refuses an app whose declaration is not deployed yet. */
export async function requireDeployed(environment: Environment, app: string, places: readonly ReleasePlace[]): Promise<void> {
  for (const { region, s3, bucket } of places) {
    if (await objectExists(s3, bucket, artefactKeys.app(app))) continue;
    throw new UserError(
      `app ${app}: not deployed in ${region}, got no ${artefactKeys.app(app)} in ${bucket}; expected its declaration`,
      `Run \`fleet up ${environment.name}\` first`,
    );
  }
}

/** Uploads the component where it is missing, and makes it the release of every region. */
export async function releaseComponent(
  app: string,
  component: Component,
  places: readonly ReleasePlace[],
  releasedBy: string,
): Promise<"written" | "unchanged"> {
  await Promise.all(places.map((place) => uploadOnce(place, component)));
  return setRelease(app, component.sha256, places, releasedBy);
}

/** Makes a component that is uploaded already the release of every region. */
export async function setRelease(
  app: string,
  sha256: string,
  places: readonly ReleasePlace[],
  releasedBy: string,
): Promise<"written" | "unchanged"> {
  const release = { component: sha256, releasedAt: new Date().toISOString(), releasedBy };
  const before = await Promise.all(places.map(({ s3, bucket }) => readReleases(s3, bucket, app)));
  const results: string[] = [];
  // One region after the other: a conflict in the first one leaves the others as they are.
  for (const [index, { s3, bucket }] of places.entries()) results.push(await writeRelease(s3, bucket, app, before[index], release));
  return results.includes("written") ? "written" : "unchanged";
}

async function uploadOnce({ s3, bucket }: ReleasePlace, { bytes, sha256 }: Component): Promise<void> {
  const Key = artefactKeys.component(sha256);
  if (await objectExists(s3, bucket, Key)) return;
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key,
        Body: bytes,
        ContentType: "application/wasm",
        ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
        IfNoneMatch: "*",
      }),
    );
  } catch (error) {
    if (awsStatus(error) !== 412) throw error; // Somebody else uploaded the same bytes.
  }
}

/** Who releases, as the identity service names the caller. */
export async function callerName(sts: STSClient): Promise<string> {
  return (await sts.send(new GetCallerIdentityCommand({}))).Arn ?? "unknown";
}
