import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { messageOf } from "../errors.ts";
import type { FolderProbe, Probes } from "./problems.ts";

/** Whether this user can make files in the folder, or the folder itself where it is not there yet. Leaves nothing behind. */
export function probeFolder(path: string): FolderProbe {
  const [outermost] = missingFolders(path);
  const file = join(path, `.writable-${process.pid}`);
  try {
    mkdirSync(path, { recursive: true });
    writeFileSync(file, "");
    rmSync(file);
    return { path, writable: true };
  } catch {
    return { path, writable: false };
  } finally {
    if (outermost !== undefined && existsSync(outermost)) rmSync(outermost, { recursive: true });
  }
}

/** Folders of the path that do not exist, outermost first. */
function missingFolders(path: string): string[] {
  const missing: string[] = [];
  for (let at = path; !existsSync(at); at = dirname(at)) missing.unshift(at);
  return missing;
}

/** Whose account the credentials belong to, asked once and without retries: a wrong answer here must come soon. */
export async function probeCaller(sts: STSClient): Promise<Probes["caller"]> {
  try {
    const { Account } = await sts.send(new GetCallerIdentityCommand({}), { abortSignal: AbortSignal.timeout(20_000) });
    return { accountId: Account ?? "no account" };
  } catch (error) {
    return { error: messageOf(error) };
  }
}
