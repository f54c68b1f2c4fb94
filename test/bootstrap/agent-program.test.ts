import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readAgentProgram } from "../../constructs/bootstrap/agent-program.ts";

test("takes the first that is there, and says how to make one when none is", () => {
  const folder = mkdtempSync(join(tmpdir(), "agent-"));
  try {
    const [built, packed] = [join(folder, "built.cjs"), join(folder, "packed.cjs")];
    expect(() => readAgentProgram([built, packed])).toThrow(
      `${built}: the agent's program, got no such file; expected the bundled agent. Run \`node agent/build.mjs\``,
    );
    writeFileSync(packed, "packed");
    expect(readAgentProgram([built, packed])).toBe("packed");
    writeFileSync(built, "built");
    expect(readAgentProgram([built, packed])).toBe("built");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
