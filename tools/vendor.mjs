// Copies the front-end files that the portal serves from node_modules to static/vendor, at the versions pinned in
// package.json, and notes version, licence and digest of each package in static/vendor/manifest.json.
// Only developers who change a version or add an icon run it (`make vendor`); the copies are committed.

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const target = join(root, "static", "vendor");
const pinned = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const flags = () =>
  readdirSync(join(modules, "flag-icons/flags/4x3")).filter((name) => /^[a-z]{2}\.svg$/.test(name));

// package → folder below static/vendor and the files that go there
const copies = {
  "@tabler/core": ["tabler", ["dist/css/tabler.min.css", "dist/js/tabler.min.js"]],
  "@tabler/icons": ["icons", pinned.icons.map((name) => `icons/outline/${name}.svg`)],
  "htmx.org": ["htmx", ["dist/htmx.min.js"]],
  "chart.js": ["chartjs", ["dist/chart.umd.min.js"]],
  "tom-select": ["tom-select", ["dist/js/tom-select.complete.min.js", "dist/css/tom-select.bootstrap5.min.css"]],
  // dist_external keeps style and worker in files of their own, as the content security policy demands
  "altcha": ["altcha", ["dist_external/altcha.js", "dist_external/altcha.css", "dist_external/worker.js"]],
  "flag-icons": ["flags", flags().map((name) => `flags/4x3/${name}`)],
  "@fontsource-variable/inter": ["inter", ["files/inter-latin-wght-normal.woff2", "files/inter-latin-ext-wght-normal.woff2"]],
};

/** Source maps are not shipped, and a pointer to a missing file breaks hashed static names. */
function copy(source, destination) {
  if (/\.(js|css)$/.test(source)) {
    const text = readFileSync(source, "utf8");
    writeFileSync(destination, text.replace(/\n?\/\/# sourceMappingURL=.*|\n?\/\*# sourceMappingURL=.*?\*\//g, ""));
  } else if (source.includes("/icons/outline/")) {
    writeFileSync(destination, readFileSync(source, "utf8").replace(/<!--[\s\S]*?-->\s*/g, ""));
  } else {
    cpSync(source, destination);
  }
}

/** sha256 over the folder's file names and contents, in the order of their names; the test computes the same. */
function digest(folder) {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder).sort()) hash.update(name).update("\0").update(readFileSync(join(folder, name)));
  return hash.digest("hex");
}

const manifest = {};
for (const [name, version] of Object.entries(pinned.dependencies)) {
  const installed = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
  if (installed.version !== version) throw new Error(`${name} ${installed.version} is installed, ${version} is pinned`);
  const [folder, files] = copies[name];
  const destination = join(target, folder);
  rmSync(destination, { recursive: true, force: true });
  mkdirSync(destination, { recursive: true });
  for (const file of files) {
    const source = join(modules, name, file);
    if (!existsSync(source)) throw new Error(`${name} has no ${file}`);
    copy(source, join(destination, basename(file)));
  }
  const licence = readdirSync(join(modules, name)).find((file) => /^licen[cs]e/i.test(file));
  if (licence) cpSync(join(modules, name, licence), join(destination, "LICENSE.txt"));
  manifest[name] = { version, licence: installed.license, folder, digest: digest(destination) };
}
writeFileSync(join(target, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
for (const { folder } of Object.values(manifest)) {
  const size = readdirSync(join(target, folder)).reduce((sum, file) => sum + statSync(join(target, folder, file)).size, 0);
  console.log(`${relative(root, join(target, folder)).padEnd(28)} ${(size / 1024).toFixed(0)} kB`);
}
