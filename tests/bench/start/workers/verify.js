import { createVerifier } from "countersign/edge";

export async function verify({ token, options }) {
  await createVerifier(options).verify(token);
}
