/** Directives of one section. A list is one line each, as systemd wants for its list directives. */
export type UnitSection = Readonly<Record<string, string | number | boolean | readonly string[]>>;
export type UnitFile = Readonly<Record<string, UnitSection>>;

/**
 * Text of a systemd unit. Section and directive names and values are checked, because a line break inside a value
 * would start a directive of its own.
 */
export function renderUnit(unit: UnitFile): string {
  return Object.entries(unit)
    .map(([name, section]) => {
      if (!/^[A-Z][A-Za-z]*$/.test(name)) throw new Error(`unit: no section name, got ${JSON.stringify(name)}; expected letters`);
      return `[${name}]\n${Object.entries(section)
        .flatMap(([key, value]) => toLines(name, key, value))
        .join("")}`;
    })
    .join("\n");
}

function toLines(section: string, key: string, value: UnitSection[string]): string[] {
  if (!/^[A-Z][A-Za-z0-9]*$/.test(key))
    throw new Error(`unit.${section}: no directive, got ${JSON.stringify(key)}; expected letters and digits`);
  const values = typeof value === "object" ? value : [typeof value === "boolean" ? (value ? "yes" : "no") : String(value)];
  return values.map((text) => {
    // A backslash at the end would continue the line.
    if (/[\0\r\n]/.test(text) || text.endsWith("\\") || text.trim() !== text)
      throw new Error(
        `unit.${section}.${key}: not one line, got ${JSON.stringify(text)}; expected text without line breaks and outer spaces`,
      );
    return `${key}=${text}\n`;
  });
}
