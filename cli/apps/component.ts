import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { messageOf, UserError } from "../errors.ts";

export interface Component {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

// `\0asm`, then version 13 of layer 1: a component. Layer 0 is a core module, which has no typed imports and exports.
const componentMagic = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]);
const moduleMagic = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);

/** Reads a WebAssembly component; what is none is refused here and not on a machine. */
export function readComponent(file: string): Component {
  const bytes = readBytes(file);
  const head = bytes.subarray(0, 8);
  if (!head.equals(componentMagic)) {
    const got = head.equals(moduleMagic)
      ? "a core module"
      : bytes.length === 0
        ? "an empty file"
        : `${head.toString("hex")} at its beginning`;
    throw new UserError(
      `${file}: not a WebAssembly component, got ${got}; expected one (WASI 0.2, wasi:http)`,
      "Build it with a component tool: `jco componentize`, `cargo component`, `wasm-tools component new`",
    );
  }
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UserError(
      `${file}: not readable, got ${messageOf(error)}; expected a WebAssembly component`,
      "Build the app, or name its component",
      {
        cause: error,
      },
    );
  }
}
