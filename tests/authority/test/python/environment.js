import { execFile } from "node:child_process";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const FOLDER = fileURLToPath(new URL("../../../../target/python/", import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL("./requirements.txt", import.meta.url));

/**
 * The Python that has the libraries of requirements.txt, in a virtual environment under target/. Made
 * on first use, and again when the requirements change. Run by itself it only makes it.
 */
export async function pythonWithPackages() {
  const python = `${FOLDER}bin/python`;
  const stamp = `${FOLDER}requirements.txt`;
  const wanted = await readFile(REQUIREMENTS, "utf8");
  const present = await access(python).then(() => readFile(stamp, "utf8")).catch(() => "");
  if (present !== wanted) {
    await mkdir(FOLDER, { recursive: true });
    await run("python3", ["-m", "venv", FOLDER]);
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS]);
    await writeFile(stamp, wanted);
  }
  return python;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await pythonWithPackages());
