import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { messageOf } from "../errors.ts";
import type { FolderProbe, Probes } from "./problems.ts";

/** Whether this user can make files in the folder, or the folder itself where it is not there yet. Leaves nothing behind. */
export function probeFolder(path: string): FolderProbe {
  const made: string[] = [];
  const file = join(path, `.writable-${process.pid}`);
  try {
    // Not `recursive`: below a file system that takes no folders, such as /proc, Node never comes back from that.
    for (const folder of missingFolders(path)) {
      mkdirSync(folder);
      made.unshift(folder);
    }
    writeFileSync(file, "");
    rmSync(file);
    return { path, error: undefined };
  } catch (error) {
    return { path, error: (error as NodeJS.ErrnoException).code ?? messageOf(error) };
  } finally {
    removeEmpty(made);
  }
}

/** Removes folders, innermost first, as far as no other command has put something into them meanwhile. */
function removeEmpty(folders: readonly string[]): void {
  try {
    for (const folder of folders) rmdirSync(folder);
  } catch {
    // Then the folder is in use, which is no problem of this command.
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
