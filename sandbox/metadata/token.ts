import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Session tokens of the metadata service. A token carries its own end and is signed, so that the service keeps no list
 * and a machine's token outlives a restart of the service. Each is valid for one address only, as on EC2.
 */
export class TokenIssuer {
  constructor(private readonly key: Buffer) {}

  issue(address: string, secondsToLive: number, now: number): string {
    const end = Math.floor(now / 1000) + secondsToLive;
    return `${end.toString(36)}.${this.sign(address, end)}`;
  }

  isValid(token: string, address: string, now: number): boolean {
    const [text, signature] = token.split(".");
    const end = Number.parseInt(text ?? "", 36);
    if (!Number.isSafeInteger(end) || end * 1000 <= now) return false;
    const [given, right] = [Buffer.from(signature ?? ""), Buffer.from(this.sign(address, end))];
    return given.length === right.length && timingSafeEqual(given, right);
  }

  private sign(address: string, end: number): string {
    return createHmac("sha256", this.key).update(`${address} ${end}`).digest("base64url");
  }
}
