// Work that goes on after the response, in Workers.

// Older versions have no `waitUntil`. Imported like this, a bundler that does not know the module leaves it to the runtime.
export const waitUntil = (promise) =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ "cloudflare:workers").catch(() => ({})).then((workers) => workers.waitUntil?.(promise)).catch(() => {});
