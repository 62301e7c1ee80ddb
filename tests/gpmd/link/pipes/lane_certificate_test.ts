import { X509Certificate } from "node:crypto";
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { makeCertificate, readCertificate } from "../../../../gpmd/link/pipes/lane_certificate.ts";

Deno.test("a certificate is what X.509 says: self-signed, with a name that nobody else issues, for all time", async () => {
  const own = await makeCertificate();
  assertMatch(own.name, /^[0-9a-f]{32}\.ghost\.invalid$/);
  const read = new X509Certificate(own.certificate);
  assertEquals(read.subject, `CN=${own.name}`);
  assertEquals(read.issuer, read.subject);
  assertEquals(read.subjectAltName, `DNS:${own.name}`);
  assert(read.verify(read.publicKey));
  assertEquals(read.publicKey.asymmetricKeyType, "ed25519");
  assert(!read.ca);
  assertEquals(new Date(read.validFrom).getTime(), 0);
  assertEquals(new Date(read.validTo).getFullYear(), 9999);
  assertNotEquals((await makeCertificate()).name, own.name);
});

Deno.test("what another device sent is read back, and no byte of it may differ", async () => {
  const { name, certificate, pem } = await makeCertificate();
  assertEquals(await readCertificate(certificate), { name, certificate, pem });
  for (let i = 0; i < certificate.length; i++) {
    const changed = certificate.slice();
    changed[i]! ^= 1;
    const error = await assertRejects(() => readCertificate(changed), GhostError, undefined, `byte ${i}`);
    assertEquals(error.code, "BAD_REQUEST");
  }
  for (const other of [new Uint8Array(0), certificate.subarray(1), new Uint8Array([...certificate, 0])]) {
    await assertRejects(() => readCertificate(other), GhostError);
  }
});
