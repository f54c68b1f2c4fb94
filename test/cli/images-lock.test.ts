import { expect, test } from "vitest";
import { withImages } from "../../cli/images-lock.ts";

const text = `import type { ImagesLock } from "../images.ts";

export const images: ImagesLock = {
  // Kept.
  sandbox: { "us-east-1": { amd64: "ami-1", arm64: "ami-2" } },
  // Also kept.
  exampleaws: {},
};
`;

test("one environment's ids are replaced; comments and other environments stay", () => {
  const after = withImages(text, "exampleaws", { "eu-central-1": { amd64: "ami-9" } });
  expect(after).toBe(text.replace("exampleaws: {},", 'exampleaws: { "eu-central-1": { amd64: "ami-9" } },'));
  expect(withImages(after, "exampleaws", { "eu-central-1": { amd64: "ami-9" } })).toBe(after);
  expect(withImages(after, "sandbox", {})).toBe(
    after.replace('sandbox: { "us-east-1": { amd64: "ami-1", arm64: "ami-2" } },', "sandbox: {  },"),
  );
});

test("a new environment is added at the end, and many regions take a line each", () => {
  const ids = { amd64: "ami-00000000000000001", arm64: "ami-00000000000000002" };
  const after = withImages(text, "production", { "eu-central-1": ids, "us-east-1": ids });
  expect(
    after.endsWith(`  exampleaws: {},
  production: {
    "eu-central-1": { amd64: "ami-00000000000000001", arm64: "ami-00000000000000002" },
    "us-east-1": { amd64: "ami-00000000000000001", arm64: "ami-00000000000000002" },
  },
};
`),
  ).toBe(true);
  expect(withImages(after, "production", {})).toBe(text.replace("  exampleaws: {},", "  exampleaws: {},\n  production: {  },"));
});

test("a file of another form is refused", () => {
  expect(() => withImages("export {}", "sandbox", {})).toThrow("config/locks/images.ts: not understood");
});
