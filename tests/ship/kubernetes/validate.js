// Reads an array of manifests from stdin, holds each to the schema of its kind, and writes what is wrong with
// it as JSON: [[message, ...], ...].
//
// The schemas let unknown fields pass, and most mistakes are just that. So the schema's validator is given
// proxies: a field that it never looked at is one that it does not know.
const packages = ["kubernetes-models", "@kubernetes-models/prometheus-operator"];

function modelOf({ apiVersion, kind }) {
  for (const name of packages) {
    try {
      return require(`${name}/${apiVersion}`)[kind];
    } catch (error) {
      if (!["MODULE_NOT_FOUND", "ERR_PACKAGE_PATH_NOT_EXPORTED"].includes(error.code)) throw error;
    }
  }
}

function watched(value, place, unseen) {
  if (value === null || typeof value !== "object") return value;
  const copy = Array.isArray(value) ? [] : Object.create(Object.getPrototypeOf(value));
  const seen = (key) => unseen.delete(`${place}.${String(key)}`);
  for (const key of Object.keys(value)) {
    if (!Array.isArray(value)) unseen.add(`${place}.${key}`);
    copy[key] = watched(value[key], `${place}.${key}`, unseen);
  }
  return new Proxy(copy, {
    get: (target, key) => (seen(key), target[key]),
    getOwnPropertyDescriptor: (target, key) => (seen(key), Object.getOwnPropertyDescriptor(target, key)),
  });
}

function faults(manifest) {
  const Model = modelOf(manifest);
  if (!Model) return [`no schema for ${manifest.apiVersion} ${manifest.kind}`];
  const unseen = new Set();
  try {
    watched(new Model(manifest), manifest.kind, unseen).validate();
  } catch (error) {
    return [error.message];
  }
  return [...unseen].map((place) => `unknown field ${place}`);
}

const manifests = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(manifests.map(faults)));
