import { checkPrime, createCipheriv, createHash } from "node:crypto";
import { promisify } from "node:util";
import { generateRsaKeys, RSA } from "./certificates.js";

const isPrime = promisify(checkPrime);

const PRIME_BITS = 1024n;
const EXPONENT = 65537n;
/** How many odd numbers are looked at together; the next prime is some 355 of them away on average. */
const WINDOW = 4096;
const SMALL_PRIMES = smallPrimes(8192);

/**
 * Where RSA keys come from: the platform's generator, or a seed. The same seed and name give the same key after every
 * restart, which the platform cannot do. A seed is for tests, because it gives the keys to everybody who knows it.
 *
 * @returns {(name: string) => Promise<CryptoKeyPair>}
 */
export function keySource(seed) {
  return seed === undefined ? generateRsaKeys : (name) => deriveRsaKeys(seed, name);
}

async function deriveRsaKeys(seed, name) {
  const random = randomNumbers(`${seed}\n${name}`);
  const [p, q] = await Promise.all([findPrime(random()), findPrime(random())]);
  const [d, dp, dq] = [(p - 1n) * (q - 1n), p - 1n, q - 1n].map((modulus) => inverse(EXPONENT, modulus));
  const jwk = { kty: "RSA", n: base64url(p * q), e: base64url(EXPONENT), d: base64url(d), p: base64url(p), q: base64url(q), dp: base64url(dp), dq: base64url(dq), qi: base64url(inverse(q, p)) };
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey("jwk", jwk, RSA, true, ["sign"]),
    crypto.subtle.importKey("jwk", { kty: jwk.kty, n: jwk.n, e: jwk.e }, RSA, true, ["verify"]),
  ]);
  return { privateKey, publicKey };
}

/** Numbers of 1024 bits with the two highest bits set, so that the product of two has 2048; from AES in counter mode. */
function randomNumbers(seed) {
  const stream = createCipheriv("aes-256-ctr", createHash("sha256").update(seed).digest(), Buffer.alloc(16));
  const highest = 3n << (PRIME_BITS - 2n);
  return () => BigInt(`0x${stream.update(Buffer.alloc(Number(PRIME_BITS / 8n))).toString("hex")}`) | highest | 1n;
}

/** The first prime from here on that can be a factor with this exponent. */
async function findPrime(start) {
  for (let base = start; ; base += BigInt(2 * WINDOW)) {
    for (const offset of survivors(base)) {
      const candidate = base + BigInt(2 * offset);
      if ((candidate - 1n) % EXPONENT !== 0n && (await isPrime(candidate))) return candidate;
    }
  }
}

/** Which of the odd numbers from `base` on no small prime divides. */
function survivors(base) {
  const composite = new Uint8Array(WINDOW);
  for (const prime of SMALL_PRIMES) {
    const remainder = Number(base % BigInt(prime));
    // base + 2i is a multiple where i = -remainder / 2 modulo the prime.
    const first = ((prime - remainder) * ((prime + 1) / 2)) % prime;
    for (let i = first; i < WINDOW; i += prime) composite[i] = 1;
  }
  return [...composite.keys()].filter((i) => !composite[i]);
}

function smallPrimes(limit) {
  const composite = new Uint8Array(limit);
  const primes = [];
  for (let n = 3; n < limit; n += 2) {
    if (composite[n]) continue;
    primes.push(n);
    for (let multiple = n * n; multiple < limit; multiple += n) composite[multiple] = 1;
  }
  return primes;
}

/** The modular inverse, by the extended Euclidean algorithm. */
function inverse(value, modulus) {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (b) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
}

function base64url(number) {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex").toString("base64url");
}
