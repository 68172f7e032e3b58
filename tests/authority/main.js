import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { describeAuthority, describeForPerson } from "./description.js";
import { startAuthority } from "./start.js";

const USAGE = `usage: node tests/authority/main.js [options]

  --json                 print one JSON object with addresses and registrations as the first line
  --http-only            no TLS
  --https-only           no plain HTTP
  --port N               port of the https listener (of http with --http-only); default: a free one
  --http-port N          port of the http listener beside https; default: a free one
  --control-port N       port of the control addresses; default: a free one
  --directory FILE       tenants, users and registrations, in the shape of directory.json
  --redirect-uri URI     one more redirect URI for the single-page apps; may be repeated
  --automatic USER       no pages: the hinted user, or USER, signs in and consents
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
        port: text, "http-port": text, "control-port": text, directory: text, automatic: text,
        "redirect-uri": { type: "string", multiple: true },
      },
    });
  } catch (error) {
    fail(error.message);
  }
}

async function run() {
  let running;
  try {
    const directory = await readDirectoryFile();
    const starting = startAuthority({
      https: !values["http-only"],
      http: !values["https-only"],
      port: port("port"),
      httpPort: port("http-port"),
      controlPort: port("control-port"),
      directory,
      automatic: values.automatic ? { user: values.automatic } : null,
    });
    stopOnSignal(starting);
    running = await starting;
  } catch (error) {
    fail(error.code === "EADDRINUSE" ? `Port ${error.port} is taken. Choose another, or leave it out for a free one.` : error.message);
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

async function readDirectoryFile() {
  const file = values.directory ?? new URL("./directory.json", import.meta.url);
  let directory;
  try {
    directory = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new Error(`The directory file ${file} could not be read: ${error.message}`);
  }
  for (const registration of directory.registrations.filter((r) => r.kind === "spa")) {
    registration.redirectUris.spa.push(...(values["redirect-uri"] ?? []));
  }
  return directory;
}

function port(name) {
  if (values[name] === undefined) return undefined;
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 0 || number > 65535) fail(`--${name} takes a port number, not "${values[name]}".`);
  return number;
}

function fail(message) {
  console.error(`${message}\n\n${USAGE}`);
  process.exit(2);
}
