// Metadata service and bucket of one machine, on their real addresses inside a network namespace of the test's own.
// Arguments: folder of the bucket's objects, log of requests, file to write once it listens.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [bucket, log, ready] = process.argv.slice(2);
const note = (line) => appendFileSync(log, `${line}\n`);

const metadata = createServer((request, response) => {
  const answer = (status, body) => response.writeHead(status).end(body);
  if (request.method === "PUT" && request.url === "/latest/api/token") {
    return request.headers["x-aws-ec2-metadata-token-ttl-seconds"] === "300" ? answer(200, "SESSION-TOKEN") : answer(400);
  }
  if (request.headers["x-aws-ec2-metadata-token"] !== "SESSION-TOKEN") return answer(401);
  const folder = "/latest/meta-data/iam/security-credentials/";
  if (request.url === folder) return answer(200, "a-role");
  if (request.url === `${folder}a-role`) {
    return answer(200, JSON.stringify({ AccessKeyId: "AKIAEXAMPLE", SecretAccessKey: "SECRET/KEY+x", Token: 'ROLE"TOKEN' }));
  }
  return answer(404);
});

/** So many requests are answered 503 first, as S3 does under load. */
let failures = Number(process.env.FAILURES ?? 0);
const storage = createServer((request, response) => {
  note(`${request.method} ${request.url}`);
  const signed =
    /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request, ?SignedHeaders=([^,]*x-amz-security-token[^,]*)/.test(
      request.headers.authorization ?? "",
    );
  if (!signed || request.headers["x-amz-security-token"] !== 'ROLE"TOKEN') return response.writeHead(403).end();
  if (failures-- > 0) return response.writeHead(503).end("SlowDown");
  const file = join(bucket, request.url);
  return existsSync(file) ? response.writeHead(200).end(readFileSync(file)) : response.writeHead(404).end();
});

metadata.listen(80, "169.254.169.254", () => storage.listen(5000, "127.0.0.1", () => writeFileSync(ready, "")));
