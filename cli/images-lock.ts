import { UserError } from "./errors.ts";

type RegionImages = Readonly<Record<string, Readonly<Partial<Record<string, string>>>>>;

/** The text of `config/locks/images.ts` with one environment's ids replaced; comments and other environments stay. */
export function withImages(text: string, environment: string, images: RegionImages): string {
  const entry = new RegExp(`^  ${environment}: \\{[^{}]*(?:\\{[^{}]*\\}[^{}]*)*\\},$`, "m");
  const line = `  ${environment}: ${literal(images)},`;
  if (entry.test(text)) return text.replace(entry, () => line);
  const end = text.lastIndexOf("\n};");
  if (end < 0) {
    throw new UserError(
      "config/locks/images.ts: not understood, got no line `};`; expected the end of the lock",
      "Restore its form, then run this command again",
    );
  }
  return `${text.slice(0, end)}\n${line}${text.slice(end)}`;
}

/** As the formatter writes it: short enough for one line, keys quoted only where they must be. */
function literal(images: RegionImages): string {
  const regions = Object.entries(images).map(([region, ids]) => {
    const pairs = Object.entries(ids).map(([arch, id]) => `${arch}: ${JSON.stringify(id)}`);
    return `${JSON.stringify(region)}: { ${pairs.join(", ")} }`;
  });
  const short = `{ ${regions.join(", ")} }`;
  return short.length <= 120 ? short : `{\n${regions.map((region) => `    ${region},`).join("\n")}\n  }`;
}
