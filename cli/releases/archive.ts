import { gunzipSync, unzipSync } from "fflate";
import { parseTar } from "nanotar";
import { UserError } from "../errors.ts";

/** One file out of a `.zip` or `.tar.gz`; `source` is named in the error. */
export function extractMember(archive: Uint8Array, member: string, source: string): Uint8Array {
  const isZip = archive[0] === 0x50 && archive[1] === 0x4b;
  const isGzip = archive[0] === 0x1f && archive[1] === 0x8b;
  if (!isZip && !isGzip) {
    throw new UserError(
      `${source}: not an archive, got ${Buffer.from(archive.subarray(0, 4)).toString("hex")} at its beginning; expected a zip or a tar.gz`,
      "Correct the URL in config/locks/releases.ts",
    );
  }
  const data = isZip ? unzipSync(archive, { filter: ({ name }) => name === member })[member] : fromTar(gunzipSync(archive), member);
  if (data === undefined) {
    throw new UserError(
      `${source}: has no file ${member}; expected the program under that name`,
      "Correct `member` in config/locks/releases.ts",
    );
  }
  return data;
}

function fromTar(tar: Uint8Array, member: string): Uint8Array | undefined {
  // Old archives begin every name with `./`.
  const plain = (name: string): string => name.replace(/^\.\//, "");
  return parseTar(tar, { filter: ({ name }) => plain(name) === member }).find(
    ({ name, data }) => plain(name) === member && data !== undefined,
  )?.data;
}
