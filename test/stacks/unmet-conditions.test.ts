import { describe, expect, test } from "vitest";
import { environmentNamed, locks, resourcesOf, stackOf, synthesiseEnvironment } from "../support/synth.ts";

const sandbox = environmentNamed("sandbox");

describe("what an operator must do first is said by the plan of that environment", () => {
  test("programs that are not mirrored", () => {
    const platform = stackOf(synthesiseEnvironment(sandbox), "platform");
    const [listing] = Object.values(platform.data.aws_s3_objects ?? {});
    const key = String(listing?.prefix);
    expect(key).toMatch(/^releases\/[0-9a-f]{16}\.json$/);
    expect(listing?.bucket).toBe("sandbox-us-east-1-artefacts-000000000000");
    expect(listing?.lifecycle).toEqual({
      postcondition: [
        {
          condition: `\${length(self.keys) == 1}`,
          error_message: `config/locks/releases.ts: the locked programs are not in the bucket of sandbox, got no object ${key} in sandbox-us-east-1-artefacts-000000000000; expected what machines are to fetch. Run \`fleet releases mirror sandbox\` first.`,
        },
      ],
    });
  });

  test("a machine image that is not locked", () => {
    const templates = (images: typeof locks.images) =>
      Object.values(resourcesOf(stackOf(synthesiseEnvironment(sandbox, { ...locks, images }), "platform"), "aws_launch_template"));
    for (const template of templates({})) {
      expect(template).not.toHaveProperty("image_id");
      expect(template.lifecycle).toEqual({
        precondition: [
          {
            condition: expect.stringMatching(/^\$\{local\.wasm-platform_\S+_image_[0-9A-F]{8} != ""\}$/),
            error_message:
              "config/locks/images.ts: no machine image for sandbox in us-east-1, got nothing for amd64; expected the id of a Debian 13 image. Run `fleet images update sandbox`.",
          },
        ],
      });
    }
    for (const template of templates({ sandbox: { "us-east-1": { amd64: "ami-1" } } })) {
      expect(template.image_id).toBe("ami-1");
      expect(template).not.toHaveProperty("lifecycle");
    }
  });
});
