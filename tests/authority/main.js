#!/usr/bin/env node
import { parseArgs } from "node:util";
import { describeAuthority, describeForPerson } from "./description.js";
import { startAuthority } from "./start.js";

const USAGE = `usage: entra-local [options]

  --json                 print one JSON object with URLs and registrations as the first line
  --host HOST            listen at this host; default: 127.0.0.1
  --public-url URL       the origin by which clients reach this authority, if that is not the listener itself
  --port N               port of the https listener (of http with --http-only); default: a free one
  --http-port N          port of the http listener beside https; default: a free one
  --control-port N       port of the control endpoints; default: a free one
  --identity-port N      port of the managed identity endpoints; default: a free one
  --http-only            no TLS
  --https-only           no plain HTTP
  --directory FILE       tenants, users and registrations, in the shape of directory.json
  --redirect-uri URI     one more redirect URI for the single-page apps; may be repeated
  --automatic USER       no pages: the hinted user, or USER, signs in and consents
  --seed TEXT            the same signing keys and credentials after every start; for tests only
  --certificates DIR     where the certificate authority is kept; default: this user's cache directory
  --help`;

const { values } = parse();
if (values.help) {
  console.log(USAGE);
} else {
  await run();
}

function parse() {
  const text = { type: "string" };
  const flag = { type: "boolean" };
  try {
    return parseArgs({
      options: {
        json: flag, "http-only": flag, "https-only": flag, help: flag,
        host: text, "public-url": text, port: text, "http-port": text, "control-port": text, "identity-port": text,
        directory: text, automatic: text, seed: text, certificates: text,
        "redirect-uri": { type: "string", multiple: true },
      },
    });
  } catch (error) {
    fail(error.message);
  }
}

async function run() {
  if (values["http-only"] && values["https-only"]) fail("--http-only and --https-only exclude each other.");
  let running;
  try {
    const starting = startAuthority({
      https: !values["http-only"],
      http: !values["https-only"],
      host: values.host,
      publicUrl: values["public-url"],
      port: port("port"),
      httpPort: port("http-port"),
      controlPort: port("control-port"),
      identityPort: port("identity-port"),
      directory: values.directory,
      redirectUris: values["redirect-uri"],
      automatic: values.automatic ? { user: values.automatic } : null,
      seed: values.seed,
      certificateDirectory: values.certificates,
    });
    stopOnSignal(starting);
    running = await starting;
  } catch (error) {
    fail(reason(error));
  }
  console.log(values.json ? JSON.stringify(describeAuthority(running.authority)) : describeForPerson(running.authority));
}

/** From the first moment on: what a start has made when the signal comes is taken away too. */
function stopOnSignal(starting) {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, async () => {
      if (stopping) return;
      stopping = true;
      await (await starting).close();
      process.exit(0);
    });
  }
}

function port(name) {
  if (values[name] === undefined) return undefined;
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 0 || number > 65535) fail(`--${name} takes a port number, not "${values[name]}".`);
  return number;
}

function reason(error) {
  switch (error.code) {
    case "EADDRINUSE":
      return `Port ${error.port} is taken. Choose another, or leave it out for a free one.`;
    case "EADDRNOTAVAIL":
      return `This machine has no address "${error.address}" to listen at.`;
    default:
      return error.message;
  }
}

function fail(message) {
  console.error(`${message}\n\n${USAGE}`);
  process.exit(2);
}
